-- Measures the component error rate of health: the share of requests that failed, over the same
-- window as latency. Few requests are judged as if traffic_requests_min had come.
create or replace function plumb.measure_error_rate(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with recent as (
        select t.*, t.error_count * 100.0 / nullif(t.request_count, 0) as error_percent
        from plumb.recent_traffic() as t
    )

    select case
        when r.observation_count = 0
        then (
            'unknown', 0, null, null, 'no requests are reported'
        )::plumb.health_measurement
        when r.request_count = 0
        then ('idle', p_max_points, null, null, 'no requests')::plumb.health_measurement
        else (
            case b.share when 1 then 'good' else 'bad' end,
            round(p_max_points * b.share, 2),
            round(r.error_percent, 3),
            b.good_max,
            plumb.failed_requests(r.error_count, r.request_count)
        )::plumb.health_measurement
    end
    from recent as r
    cross join lateral plumb.health_band(
        'error_rate', plumb.judged_error_percent(r.error_count, r.request_count)
    ) as b
$$;
comment on function plumb.measure_error_rate(numeric) is
'Error rate in percent of requests, by the bands of health_bands.';
