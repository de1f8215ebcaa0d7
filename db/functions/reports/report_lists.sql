-- Returns the rows behind the figures of a report, each list limited to report_list_rows_max, the
-- most important first.
create or replace function plumb.report_lists(p_from timestamptz, p_to timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with cut as (
        select plumb.setting_number('report_list_rows_max')::integer as row_count
    )

    select jsonb_build_object(
        'gaps', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'from', g.gap_started_at, 'to', g.gap_ended_at
            ) order by g.gap_started_at), '[]')
            from (
                select r.*
                from plumb.report_gaps(p_from, p_to) as r
                order by r.gap_ended_at - r.gap_started_at desc
                limit (select c.row_count from cut as c)
            ) as g
        ),
        'invariants', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'invariant', i.name,
                'priority', i.priority,
                'found', i.found_count,
                'cleared', i.cleared_count,
                'open', i.open_count,
                'corrected', i.corrected_count
            ) order by i.priority, i.name), '[]')
            from (
                select
                    n.name, n.priority, v.found_count, v.cleared_count, v.open_count,
                    q.corrected_count
                from plumb.invariants as n
                cross join lateral (
                    select
                        count(*) filter (where k.first_seen_at >= p_from) as found_count,
                        count(*) filter (where k.cleared_at >= p_from and k.cleared_at < p_to)
                            as cleared_count,
                        count(*) filter (where k.cleared_at is null or k.cleared_at >= p_to)
                            as open_count
                    from plumb.invariant_violations as k
                    where k.invariant = n.name and k.first_seen_at < p_to
                ) as v
                cross join lateral (
                    select count(*) as corrected_count
                    from plumb.quarantined_rows as r
                    where
                        r.invariant = n.name
                        and r.quarantined_at >= p_from
                        and r.quarantined_at < p_to
                ) as q
                where n.is_enabled
                order by v.open_count desc, v.found_count desc, n.priority, n.name
                limit (select c.row_count from cut as c)
            ) as i
        ),
        'incidents', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'incidentId', i.incident_id,
                'priority', i.priority,
                'status', i.status,
                'title', i.title,
                'openedAt', i.opened_at,
                'endedAt', coalesce(i.resolved_at, i.closed_at),
                'autoHealed', i.auto_healed,
                'escalatedAt', i.escalated_at
            ) order by i.priority, i.opened_at), '[]')
            from (
                select k.*
                from plumb.incidents as k
                where
                    k.opened_at < p_to
                    and (
                        coalesce(k.resolved_at, k.closed_at) is null
                        or coalesce(k.resolved_at, k.closed_at) >= p_from
                    )
                order by k.priority, k.opened_at
                limit (select c.row_count from cut as c)
            ) as i
        ),
        'securityEvents', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'kind', e.kind, 'severity', e.severity, 'count', e.event_count
            ) order by e.severity, e.event_count desc, e.kind), '[]')
            from (
                select k.kind, min(k.severity) as severity, sum(k.event_count) as event_count
                from plumb.security_events as k
                where k.occurred_at >= p_from and k.occurred_at < p_to
                group by k.kind
                order by min(k.severity), sum(k.event_count) desc
                limit (select c.row_count from cut as c)
            ) as e
        ),
        'slowStatements', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'query', left(o.query, 200),
                'verdict', o.verdict,
                'meanMs', round(o.mean_ms::numeric, 1),
                'baselineMs', round(o.baseline_ms::numeric, 1)
            ) order by o.total_ms desc), '[]')
            from (
                select k.*
                from (
                    select distinct on (n.queryid) n.*
                    from plumb.statement_observations as n
                    where
                        n.verdict <> 'usual'
                        and n.observed_at >= p_from
                        and n.observed_at < p_to
                    order by n.queryid, n.total_ms desc
                ) as k
                order by k.total_ms desc
                limit (select c.row_count from cut as c)
            ) as o
        ),
        'databaseChecks', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'check', d.check_name, 'status', d.status, 'value', d.value, 'unit', d.unit
            ) order by d.status, d.check_name), '[]')
            from plumb.database_check_results as d
            where d.status <> 'ok' and d.checked_at >= p_from and d.checked_at < p_to
        ),
        'backups', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'backup', b.backup_name,
                'tool', b.tool,
                'validation', b.validation,
                'takenAt', b.taken_at,
                'bytes', b.size_bytes,
                'restoreSeconds', b.restore_seconds,
                'reason', b.reason
            ) order by b.taken_at desc), '[]')
            from (
                select k.*
                from plumb.backup_status as k
                where k.taken_at >= p_from and k.taken_at < p_to
                order by k.taken_at desc
                limit (select c.row_count from cut as c)
            ) as b
        ),
        'deployments', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'deployment', d.deployment,
                'judgedAt', d.judged_at,
                'notPassed', d.not_passed,
                'result', (
                    select e.status
                    from plumb.deployment_events as e
                    inner join plumb.deployments as c on c.deployment_id = e.deployment_id
                    where c.name = d.deployment and e.occurred_at < p_to
                    order by e.deployment_event_id desc
                    limit 1
                )
            ) order by d.judged_at desc), '[]')
            from (
                select
                    g.deployment,
                    max(g.checked_at) as judged_at,
                    jsonb_agg(g.gate order by g.gate) filter (where g.status <> 'pass')
                        as not_passed
                from (
                    select distinct on (k.deployment, k.gate) k.*
                    from plumb.deployment_gates as k
                    where k.checked_at >= p_from and k.checked_at < p_to
                    order by k.deployment, k.gate, k.checked_at desc
                ) as g
                group by g.deployment
                order by max(g.checked_at) desc
                limit (select c.row_count from cut as c)
            ) as d
        )
    )
$$;
comment on function plumb.report_lists(timestamptz, timestamptz) is
'Gaps, invariants, incidents, events, statements, checks, backups and deployments, as JSON.';
grant execute on function plumb.report_lists(timestamptz, timestamptz) to plumb_reader;
