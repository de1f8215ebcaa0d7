-- The keys that the current transaction touched and no commit check has seen yet.
create or replace function plumb.pending_keys(p_invariant text)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_object_agg(g.view_column, g.keys), '{}')
    from (
        select e.key as view_column, jsonb_agg(distinct e.value) as keys
        from generate_series(
            0,
            coalesce(
                nullif(
                    current_setting('plumb.pending_' || lower(p_invariant) || '.chunks', true), ''
                )::integer,
                0
            )
        ) as c (chunk)
        cross join lateral jsonb_array_elements(
            format(
                '[%s]',
                current_setting('plumb.pending_' || lower(p_invariant) || '.c' || c.chunk, true)
            )::jsonb
        ) as i (item)
        cross join lateral jsonb_each(i.item) as e
        group by e.key
    ) as g
$$;
comment on function plumb.pending_keys(text) is
'{"view column": ["key", …]} of what this transaction changed and did not check yet.';
