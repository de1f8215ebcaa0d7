-- Measures the component latency of health: the p95 of requests.
create or replace function plumb.measure_latency(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when r.observation_count = 0
        then (
            'unknown', 0, null, null, 'no requests are reported'
        )::plumb.health_measurement
        when r.request_count = 0
        then ('idle', p_max_points, null, null, 'no requests')::plumb.health_measurement
        when r.p95_ms is null
        then ('unknown', 0, null, null, 'no p95 is reported')::plumb.health_measurement
        else (
            case b.share when 1 then 'good' else 'bad' end,
            round(p_max_points * b.share, 2),
            round(r.p95_ms::numeric, 1),
            b.good_max,
            format(
                'p95 of %s is %s ms',
                plumb.counted(r.request_count, 'request'),
                round(r.p95_ms::numeric, 1)
            )
        )::plumb.health_measurement
    end
    from plumb.recent_traffic() as r
    cross join lateral plumb.health_band('latency', r.p95_ms::numeric) as b
$$;
comment on function plumb.measure_latency(numeric) is
'p95 in milliseconds, by the bands of health_bands.';
