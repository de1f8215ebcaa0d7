-- Counts invalid indexes, which a failed CREATE INDEX CONCURRENTLY leaves: they cost every write
-- and serve no read.
create or replace function plumb.check_invalid_indexes()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'invalid_indexes',
        count(*),
        'indexes',
        coalesce(string_agg(i.indexrelid::regclass::text, ', ' order by i.indexrelid), 'none'),
        'REINDEX INDEX CONCURRENTLY it, or drop it.'
    )
    from pg_index as i
    where not i.indisvalid
$$;
comment on function plumb.check_invalid_indexes() is 'Number of invalid indexes.';
grant execute on function plumb.check_invalid_indexes() to plumb_reader;
