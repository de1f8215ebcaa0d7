-- Returns the recent requests of all reporters together. The p95 of several windows cannot be
-- merged exactly; weighting each by its requests is close when the windows are short and alike. A
-- window without a p95 says nothing about latency and takes no part in it.
create or replace function plumb.recent_traffic()
returns table (
    observation_count bigint, request_count bigint, error_count bigint, p95_ms double precision
)
language sql
stable
security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
    select
        count(*),
        coalesce(sum(o.request_count), 0)::bigint,
        coalesce(sum(o.error_count), 0)::bigint,
        sum(o.p95_ms * o.request_count)
        / nullif(sum(o.request_count) filter (where o.p95_ms is not null), 0)
    from plumb.perf_observations as o
    where
        o.route = '*'
        and plumb.is_recent(
            o.window_started_at, plumb.setting_interval('traffic_window_seconds')
        )
$$;
comment on function plumb.recent_traffic() is
'Requests, errors and p95 in ms over traffic_window_seconds; no rows reported means no reporter.';
