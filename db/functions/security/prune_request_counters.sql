-- Removes counters of requests that are older than two windows, which no decision reads. What is
-- added between two runs is limited by the number of requests, one row each at most.
create or replace function plumb.prune_request_counters()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with gone as (
        delete from plumb.request_counters as c
        where c.window_started_at < plumb.current_time() - make_interval(
            secs => 2 * coalesce((select max(l.window_seconds) from plumb.rate_limits as l), 60)
        )
        returning 1
    )

    select plumb.counted(count(*), 'counter') || ' deleted' from gone
$$;
comment on function plumb.prune_request_counters() is
'Delete counters that no window needs any more; says how many.';
grant execute on function plumb.prune_request_counters() to plumb_worker;
