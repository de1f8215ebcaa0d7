-- Lists the keys that the current transaction touched and no commit check has seen yet. In PL/pgSQL
-- because every commit asks: its plan is kept, that of an SQL function is made anew each time.
create or replace function plumb.pending_keys(p_invariant text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_items constant jsonb := plumb.pending_items(p_invariant, 'c');
begin
    if v_items is null then
        return '{}'::jsonb;
    end if;
    return (
        select jsonb_object_agg(g.view_column, g.keys)
        from (
            select e.key as view_column, jsonb_agg(distinct e.value) as keys
            from jsonb_array_elements(v_items) as i (item)
            cross join lateral jsonb_each(i.item) as e
            group by e.key
        ) as g
    );
end;
$$;
comment on function plumb.pending_keys(text) is
'{"view column": ["key", …]} of what this transaction changed and did not check yet.';
