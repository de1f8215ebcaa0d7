-- Returns what reading the WAL has to know of each captured table, as it is now: later changes are
-- read from the WAL itself.
create or replace function plumb.captured_tables()
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        jsonb_object_agg(
            a.relation,
            jsonb_build_object(
                'key', plumb.key_spec(a.key_columns),
                'members', a.members,
                'key_columns', a.key_columns,
                'excluded_columns', a.excluded_columns,
                'masked_columns', a.masked_columns,
                'excluded', a.excluded_columns,
                'masked', a.masked_columns,
                'exact', a.exact_pattern
            )
        ),
        '{}'
    )
    from plumb.audited_tables as a
    where a.capture = 'wal'
$$;
comment on function plumb.captured_tables() is
'The captured tables by name: key, members, columns to leave out and to mask.';
