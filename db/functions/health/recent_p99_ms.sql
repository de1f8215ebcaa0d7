-- Returns the p99 of the recent requests of all reporters together, weighed as
-- plumb.recent_traffic() weighs the p95.
create or replace function plumb.recent_p99_ms()
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        sum(o.p99_ms * o.request_count)
        / nullif(sum(o.request_count) filter (where o.p99_ms is not null), 0)
    from plumb.perf_observations as o
    where
        o.route = '*'
        and o.window_started_at > plumb.current_time()
            - plumb.setting_interval('traffic_window_seconds')
$$;
comment on function plumb.recent_p99_ms() is
'p99 in ms over traffic_window_seconds; null when none is reported.';
grant execute on function plumb.recent_p99_ms() to plumb_reader;
