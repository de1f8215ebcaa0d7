-- Guards every table of the schemas named in the setting guarded_schemas.
create or replace function plumb.guard_schemas()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_relation regclass;
    v_count bigint := 0;
begin
    for v_relation in
        select c.oid
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where
            n.nspname = any(plumb.guarded_schemas())
            and n.nspname <> 'plumb'
            and not plumb.is_left_out(c.relname)
            and c.relkind in ('r', 'p', 'f')
            and c.relpersistence <> 't'
            and not exists (
                select from pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            )
    loop
        perform plumb.attach_guard(v_relation);
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.guard_schemas() is
'Guard every table of the schemas in guarded_schemas; returns how many there are.';
grant execute on function plumb.guard_schemas() to plumb_operator;
