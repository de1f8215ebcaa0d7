-- Returns whether a table still has the key that it had at its last baseline, by the names of
-- today.
create or replace function plumb.is_same_key(p_table plumb.audited_tables)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select p_table.baseline_pending is null or p_table.key_columns = array(
        select coalesce(p_table.baseline_pending -> 'renames' ->> k.name, k.name)
        from jsonb_array_elements_text(p_table.baseline_pending -> 'key')
            with ordinality as k (name, position)
        order by k.position
    )
$$;
comment on function plumb.is_same_key(plumb.audited_tables) is
'Whether an audited table has the key columns of its last baseline, renamed or not.';
