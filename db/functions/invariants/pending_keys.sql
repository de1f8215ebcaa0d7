-- The keys that the current transaction touched and no commit check has seen yet. In PL/pgSQL
-- because every commit asks: its plan is kept, that of an SQL function is made anew each time.
create or replace function plumb.pending_keys(p_invariant text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(p_invariant);
    v_items text := coalesce(current_setting(v_prefix || '.c0', true), '');
    v_chunk_count constant integer := coalesce(
        nullif(current_setting(v_prefix || '.chunks', true), '')::integer, 0
    );
begin
    if v_items = '' then
        return '{}'::jsonb;
    end if;
    if v_chunk_count > 0 then
        select v_items || string_agg(',' || current_setting(v_prefix || '.c' || c.chunk), '')
        into v_items
        from generate_series(1, v_chunk_count) as c (chunk);
    end if;
    return (
        select jsonb_object_agg(g.view_column, g.keys)
        from (
            select e.key as view_column, jsonb_agg(distinct e.value) as keys
            from jsonb_array_elements(format('[%s]', v_items)::jsonb) as i (item)
            cross join lateral jsonb_each(i.item) as e
            group by e.key
        ) as g
    );
end;
$$;
comment on function plumb.pending_keys(text) is
'{"view column": ["key", …]} of what this transaction changed and did not check yet.';
