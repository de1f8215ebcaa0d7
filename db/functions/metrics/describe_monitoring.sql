-- Returns the few values by which a new release is judged, each with its source, so that a gate
-- need not know the whole database.
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
        'p99Ms', round(plumb.recent_p99_ms()::numeric, 3),
        'driftScore', (
            select d.score
            from plumb.newest_drift_score() as d
        ),
        'openP1', (
            select count(*) from plumb.open_incidents as i where i.priority = 'P1'
        ),
        'openIncidents', (select count(*) from plumb.incidents as i where i.is_open),
        'escalatedIncidents', (
            select count(*) from plumb.incidents as i where i.is_open and i.status = 'ESCALATED'
        ),
        'acknowledgedIncidents', (
            select count(*)
            from plumb.incidents as i
            where i.is_open and i.acknowledged_at is not null
        ),
        'auditFindings', (select count(*) from plumb.open_findings),
        'backupAgeHours', (
            select min(b.age_hours)
            from plumb.backup_status as b
            where b.validation = 'valid' and b.pruned_at is null
        ),
        'newestBackup', (
            select b.validation
            from plumb.backup_status as b
            where b.status = 'finished' and b.pruned_at is null
            order by b.taken_at desc
            limit 1
        ),
        'lastDeployment', (
            select json_build_object('name', d.name, 'status', d.status)
            from plumb.deployments as d
            order by d.deployment_id desc
            limit 1
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
'Error rate, latency in ms, drift, incidents, audit, backups, score and safe mode, as JSON;
null is not known.';
grant execute on function plumb.describe_monitoring() to plumb_reader;
