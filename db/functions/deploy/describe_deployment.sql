-- Returns a deployment as JSON for the HTTP service.
create or replace function plumb.describe_deployment(p_deployment_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'deploymentId', d.deployment_id,
        'name', d.name,
        'status', d.status,
        'reason', d.reason,
        'startedAt', d.started_at,
        'startedBy', d.started_by,
        'host', d.host,
        'appliedAt', d.applied_at,
        'finishedAt', d.finished_at,
        'lastSeenAt', d.last_seen_at,
        'watchSeconds', d.watch_seconds,
        'baseline', case
            when d.baseline_taken_at is not null
                then jsonb_build_object(
                    'takenAt', d.baseline_taken_at,
                    'source', case
                        when d.baseline_sample is null then 'database' else 'url'
                    end,
                    'p95Ms', round(d.baseline_p95_ms::numeric, 3),
                    'errorRate', round(d.baseline_error_rate, 6),
                    'requestCount', d.baseline_request_count,
                    'driftScore', d.baseline_drift_score
                )
        end,
        'gates', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'gate', n.gate,
                        'status', n.status,
                        'value', n.value,
                        'threshold', n.threshold,
                        'reason', n.reason,
                        'checkedAt', n.checked_at
                    )
                    order by n.deployment_gate_id
                ), '[]'
            )
            from (
                select distinct on (g.gate) g.*
                from plumb.deployment_gates as g
                where g.deployment_id = d.deployment_id
                order by g.gate asc, g.deployment_gate_id desc
            ) as n
        )
    )
    from plumb.deployments as d
    where d.deployment_id = p_deployment_id
$$;
comment on function plumb.describe_deployment(bigint) is
'A deployment with its gates and baseline, as JSON; null when there is none.';
grant execute on function plumb.describe_deployment(bigint) to plumb_reader;
