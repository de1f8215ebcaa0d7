-- Runs the daily job deep-scan: reads every invariant in full, to find what did not pass through
-- the change feed.
create or replace function plumb.run_deep_scan()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s hold, %s violated, %s unknown',
        count(*) filter (where c.status = 'holds'),
        count(*) filter (where c.status = 'violated'),
        count(*) filter (where c.status = 'unknown')
    )
    from plumb.check_invariants('deep') as c
$$;
comment on function plumb.run_deep_scan() is 'Check everything; says how it went.';
grant execute on function plumb.run_deep_scan() to plumb_worker;
