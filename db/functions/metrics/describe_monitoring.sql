-- What decides whether a new release may stay: few numbers, each with what it was taken from, so
-- that a gate need not understand the whole database.
create or replace function plumb.describe_monitoring()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'sampledAt', plumb.current_time(),
        'windowSeconds', trim_scale(plumb.setting_number('traffic_window_seconds')),
        'requestCount', t.request_count,
        'errorRate', round(t.error_count::numeric / nullif(t.request_count, 0), 6),
        'p95Ms', round(t.p95_ms::numeric, 3),
        'driftScore', (
            select d.score
            from plumb.newest_drift_score() as d
        ),
        'openP1', (
            select count(*) from plumb.open_incidents as i where i.priority = 'P1'
        ),
        'score', h.score,
        'grade', h.grade,
        'scoredAt', h.created_at,
        'safeMode', plumb.is_safe_mode()
    )
    from plumb.recent_traffic() as t
    left join plumb.newest_health_score() as h on true
$$;
comment on function plumb.describe_monitoring() is
'Error rate, p95 in ms, drift, open P1s, score and safe mode, as JSON; null is not known.';
grant execute on function plumb.describe_monitoring() to plumb_reader;
