-- Guards one table of a schema that has no guard yet. Where others keep it locked, that is said
-- after half a second, because its writers wait behind; then it can be passed over.
create or replace function plumb.guard_next(
    p_schema text,
    p_passed_over text[],
    out relation text,
    out is_locked boolean
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set jit = off
as $$
declare
    v_relation regclass;
begin
    if to_regnamespace(quote_ident(p_schema)) is null then
        raise exception 'there is no schema %', quote_nullable(p_schema)
            using errcode = 'PL001', hint = 'Name it as it is stored, without quotation marks.';
    end if;
    select c.oid, plumb.relation_name(c.oid) into v_relation, relation
    from pg_class as c
    where
        c.relnamespace = to_regnamespace(quote_ident(p_schema))
        and c.relnamespace <> 'plumb'::regnamespace
        and c.relkind in ('r', 'p', 'f')
        and c.relpersistence <> 't'
        and not plumb.is_left_out(c.relname)
        and plumb.relation_name(c.oid) <> all(p_passed_over)
        and not plumb.has_guard(c.oid)
        and not exists (
            select from pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        )
    order by c.relname
    limit 1;
    if v_relation is not null then
        begin
            perform plumb.attach_guard(v_relation);
            is_locked := false;
        exception
            when lock_not_available then is_locked := true;
        end;
    end if;
end;
$$;
comment on function plumb.guard_next(text, text[]) is
'Guard the next table of a schema that has no guard; null when there is none.';
grant execute on function plumb.guard_next(text, text[]) to plumb_operator;
