-- Measures the share of reads that miss the cache and wait for the disk (or the kernel).
create or replace function plumb.check_cache_misses()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'cache_misses',
        case
            -- Too few reads say nothing.
            when d.blks_read + d.blks_hit < 10000 then 0
            else d.blks_read * 100.0 / (d.blks_read + d.blks_hit)
        end,
        '%',
        format('%s of %s block reads missed the cache', d.blks_read, d.blks_read + d.blks_hit),
        'Raise shared_buffers, or find the query that reads most in pg_stat_statements.'
    )
    from pg_stat_database as d
    where d.datname = current_database()
$$;
comment on function plumb.check_cache_misses() is
'Blocks not found in shared_buffers, percent of reads in this database.';
grant execute on function plumb.check_cache_misses() to plumb_reader;
