-- Summarizes the requests of a period. The p95 of many windows is each window's, weighed by its
-- requests, as plumb.recent_traffic() does. No reporter is unknown; a reporter that saw nothing is
-- zero.
create or replace function plumb.summarize_performance(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select v.*
    from (
        select
            sum(o.request_count)::numeric as request_count,
            sum(o.error_count)::numeric as error_count,
            (
                sum(o.p95_ms * o.request_count)
                / nullif(sum(o.request_count) filter (where o.p95_ms is not null), 0)
            )::numeric as p95_ms
        from plumb.perf_observations as o
        where
            o.route = '*' and o.window_started_at >= p_from and o.window_started_at < p_to
    ) as t
    cross join lateral (values
        ('requests', 'Requests', 'count', t.request_count),
        ('error_rate', 'Requests that failed', 'ratio', t.error_count / nullif(t.request_count, 0)),
        ('p95_ms', 'Latency, 95th percentile', 'ms', t.p95_ms),
        (
            'slow_statements', 'New or slower statements', 'count',
            (
                select count(distinct s.queryid)
                from plumb.statement_observations as s
                where
                    s.verdict <> 'usual'
                    and s.observed_at >= p_from
                    and s.observed_at < p_to
            )
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_performance(timestamptz, timestamptz) is
'Requests, errors and latency of a period: measure, title, unit, value; null is unknown.';
grant execute on function plumb.summarize_performance(timestamptz, timestamptz) to plumb_reader;
