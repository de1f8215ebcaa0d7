-- Compares each route's recent p95 with its own past: the median of its earlier windows, taken
-- while errors were few, so that an outage does not become the standard.
create or replace function plumb.latency_regressions()
returns table (
    source text, route text, request_count bigint, p95_ms numeric, baseline_ms numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.source,
        r.route,
        r.request_count,
        round(r.p95_ms::numeric, 1),
        round(b.baseline_ms::numeric, 1)
    from (
        select
            o.source,
            o.route,
            sum(o.request_count)::bigint as request_count,
            sum(o.p95_ms * o.request_count)
            / nullif(sum(o.request_count) filter (where o.p95_ms is not null), 0) as p95_ms
        from plumb.perf_observations as o
        where
            plumb.is_recent(o.window_started_at, plumb.setting_interval('perf_interval_ms'))
        group by o.source, o.route
    ) as r
    cross join lateral (
        select
            percentile_cont(0.5) within group (order by h.p95_ms) as baseline_ms,
            count(*) as window_count
        from (
            select p.p95_ms
            from plumb.perf_observations as p
            where
                p.source = r.source
                and p.route = r.route
                and p.request_count > 0
                and p.error_count * 100 <= p.request_count
                and p.window_started_at <= plumb.current_time()
                    - plumb.setting_interval('perf_interval_ms')
            order by p.window_started_at desc
            limit 1000
        ) as h
    ) as b
    where
        r.request_count >= plumb.setting_number('regression_requests_min')
        and b.window_count >= plumb.setting_number('baseline_samples_min')
        and r.p95_ms > plumb.setting_number('regression_latency_ms_min')::double precision
        and r.p95_ms
        > b.baseline_ms * plumb.setting_number('regression_factor')::double precision
$$;
comment on function plumb.latency_regressions() is
'Routes whose recent p95 (ms) exceeds regression_factor times their own median.';
grant execute on function plumb.latency_regressions() to plumb_reader;
