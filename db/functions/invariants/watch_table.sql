-- Declares a watch: which rows of an invariant's view a change of a table may affect, so that a
-- cycle checks only these.
create or replace function plumb.watch_table(
    p_invariant text, p_relation text, p_key_column text, p_view_column text default 'subject'
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_view text;
    v_relation text;
begin
    select i.view_name into v_view from plumb.invariants as i where i.name = p_invariant;
    if not found then
        raise exception 'there is no invariant %', quote_nullable(p_invariant)
            using errcode = 'PL001', hint = 'select name from plumb.invariants;';
    end if;
    select plumb.relation_name(c.oid)
    into v_relation
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attname = p_key_column
    where c.oid = plumb.find_relation(p_relation) and a.attnum > 0 and not a.attisdropped;
    if not found then
        raise exception 'table % with a column % does not exist',
            quote_nullable(p_relation), quote_nullable(p_key_column)
            using errcode = 'PL002', hint = 'Name them as schema.table and column.';
    end if;
    if not exists (
        select from pg_attribute as a
        where
            a.attrelid = plumb.find_relation(v_view) and a.attname = p_view_column and a.attnum > 0
    ) then
        raise exception 'view % of % has no column %',
            v_view, p_invariant, quote_nullable(p_view_column)
            using errcode = 'PL002', hint = format('\d %s shows its columns.', v_view);
    end if;
    insert into plumb.invariant_watches (invariant, relation, key_column, view_column)
    values (p_invariant, v_relation, p_key_column, p_view_column)
    on conflict do nothing;
    perform plumb.follow_invariants();
    perform plumb.attach_enforcement(p_invariant);
end;
$$;
comment on function plumb.watch_table(text, text, text, text) is
'State that a change of a table''s key may break an invariant whose view shows that key.';
