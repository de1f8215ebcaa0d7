-- Returns the current value of every metric. Reads what the jobs have recorded and never counts a
-- table that grows with the application, so that a scrape costs the same with a million rows in the
-- log.
create or replace function plumb.metric_samples()
returns table (name text, labels jsonb, value double precision)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
begin
    return query
    select 'plumb_build', jsonb_build_object(
        'schema_revision', v.version_num, 'postgresql_version', current_setting('server_version')
    ), 1.0::double precision
    from plumb.schema_revision as v
    union all
    select s.name, s.labels, s.value
    from plumb.newest_health_score() as h
    cross join lateral (
        select 'plumb_health_score', '{}'::jsonb, h.score::double precision
        union all
        select
            'plumb_health_scored_timestamp_seconds', '{}', extract(epoch from h.created_at)
        union all
        select p.name, jsonb_build_object('component', c.component), p.points
        from jsonb_to_recordset(h.components) as c (
            component text, points double precision, "maxPoints" double precision
        )
        cross join lateral (values
            ('plumb_health_component_points', c.points),
            ('plumb_health_component_points_max', c."maxPoints")
        ) as p (name, points)
    ) as s (name, labels, value)
    union all
    select 'plumb_safe_mode', '{}', plumb.is_safe_mode()::integer
    union all
    select s.name, '{}', s.value
    from plumb.newest_drift_score() as d
    cross join lateral (values
        ('plumb_drift_score', d.score),
        ('plumb_drift_scored_timestamp_seconds', extract(epoch from d.created_at))
    ) as s (name, value)
    union all
    select s.name, jsonb_build_object('invariant', i.name, 'priority', i.priority), s.value
    from plumb.invariant_status as i
    cross join lateral (values
        ('plumb_invariant_violations', coalesce(i.violation_count, 0)),
        ('plumb_invariant_known', (i.status in ('holds', 'violated'))::integer::bigint)
    ) as s (name, value)
    where i.status <> 'disabled'
    union all
    select 'plumb_incidents_open', jsonb_build_object('priority', p.priority), count(i.priority)
    from unnest(plumb.priorities()) as p (priority)
    left join plumb.open_incidents as i on i.priority = p.priority
    group by p.priority
    union all
    select s.name, '{}', s.value
    from plumb.recent_traffic() as t
    cross join lateral (values
        ('plumb_recent_requests', t.request_count::double precision),
        (
            'plumb_request_error_ratio',
            coalesce(t.error_count::double precision / nullif(t.request_count, 0), 0)
        ),
        ('plumb_request_latency_p95_seconds', t.p95_ms / 1000),
        ('plumb_request_latency_p99_seconds', plumb.recent_p99_ms() / 1000)
    ) as s (name, value)
    union all
    select 'plumb_slow_statements', jsonb_build_object('verdict', k.verdict), count(o.queryid)
    from (values ('new'), ('regressed')) as k (verdict)
    left join plumb.statement_observations as o
        on
            o.verdict = k.verdict
            and o.observed_at = (select max(t.sampled_at) from plumb.statement_totals as t)
    group by k.verdict
    union all
    select
        'plumb_database_check_severity',
        jsonb_build_object('check', c.check_name),
        array_position(array['ok', 'warning', 'critical'], c.status) - 1
    from plumb.database_check_results as c
    where c.status <> 'unknown'
    union all
    select
        'plumb_database_check_value',
        jsonb_build_object('check', c.check_name, 'unit', c.unit),
        c.value
    from plumb.database_check_results as c
    where c.value is not null
    union all
    select
        'plumb_database_check_timestamp_seconds', '{}', extract(epoch from max(c.checked_at))
    from plumb.database_check_results as c
    union all
    select s.name, '{}', s.value
    from (
        select m.server_bytes, m.host_available_bytes
        from plumb.memory_samples as m
        where m.sampled_at <= v_now
        order by m.sampled_at desc
        limit 1
    ) as m
    cross join lateral (values
        ('plumb_server_memory_bytes', m.server_bytes),
        ('plumb_host_memory_available_bytes', m.host_available_bytes)
    ) as s (name, value)
    union all
    select
        'plumb_connections',
        jsonb_build_object('state', coalesce(a.state, 'unknown')),
        count(*)
    from pg_stat_activity as a
    where a.backend_type = 'client backend'
    group by a.state
    union all
    select 'plumb_connections_max', '{}', current_setting('max_connections')::integer
    union all
    select s.name, s.labels, s.value
    from pg_stat_database as d
    cross join lateral (values
        ('plumb_transactions', '{"outcome": "committed"}'::jsonb, d.xact_commit),
        ('plumb_transactions', '{"outcome": "rolled_back"}', d.xact_rollback),
        ('plumb_deadlocks', '{}', d.deadlocks)
    ) as s (name, labels, value)
    where d.datname = current_database()
    union all
    select
        'plumb_scheduler_running',
        '{}',
        (plumb.describe_scheduler() ->> 'status' = 'running')::integer
    union all
    select s.name, jsonb_build_object('job', c.job_name), s.value
    from plumb.cron_status as c
    cross join lateral (values
        ('plumb_job_stale', c.is_stale::integer::numeric),
        ('plumb_job_failed', (c.status = 'failed')::integer),
        ('plumb_job_last_run_timestamp_seconds', extract(epoch from c.last_run_at)),
        ('plumb_job_last_run_duration_seconds', c.duration_ms / 1000.0)
    ) as s (name, value)
    where c.status <> 'disabled'
    union all
    select s.name, jsonb_build_object('destination', d.destination), s.value
    from plumb.destination_status as d
    cross join lateral (values
        ('plumb_alerts_queued', d.queued_count),
        ('plumb_alerts_dead', d.dead_count)
    ) as s (name, value)
    union all
    select s.name, '{}', s.value
    from (
        select k.seal_id, k.sealed_at
        from plumb.seals as k
        order by k.seal_id desc
        limit 1
    ) as k
    cross join lateral (values
        ('plumb_audit_seals', k.seal_id::numeric),
        ('plumb_audit_sealed_timestamp_seconds', extract(epoch from k.sealed_at))
    ) as s (name, value)
    union all
    select s.name, '{}', s.value
    from (
        select
            count(*) filter (where i.status = 'ESCALATED') as escalated,
            count(*) filter (where i.acknowledged_at is not null) as acknowledged
        from plumb.incidents as i
        where i.is_open
    ) as i
    cross join lateral (values
        ('plumb_incidents_escalated', i.escalated),
        ('plumb_incidents_acknowledged', i.acknowledged)
    ) as s (name, value)
    union all
    select 'plumb_audit_verified_timestamp_seconds', '{}', extract(epoch from max(v.verified_at))
    from plumb.audit_verification as v
    union all
    select 'plumb_audit_findings', jsonb_build_object('priority', p.priority), count(f.priority)
    from unnest(plumb.priorities()) as p (priority)
    left join plumb.open_findings as f on f.priority = p.priority
    group by p.priority
    union all
    select s.name, '{}', s.value
    from (
        select
            max(b.taken_at) filter (
                where b.validation = 'valid' and b.age_hours is not null
            ) as valid_at,
            (array_agg(b.validation = 'valid' order by b.taken_at desc))[1] as is_valid
        from plumb.backup_status as b
        where b.status = 'finished' and b.pruned_at is null
    ) as b
    cross join lateral (values
        ('plumb_backup_valid_timestamp_seconds', extract(epoch from b.valid_at)),
        ('plumb_backup_newest_valid', b.is_valid::integer)
    ) as s (name, value)
    union all
    select 'plumb_deployments', jsonb_build_object('status', k.status), count(d.deployment_id)
    from (values
        ('cleared'), ('refused'), ('interrupted'), ('gating'), ('applying'), ('watching'),
        ('succeeded'), ('inconclusive'), ('rolling_back'), ('rolled_back'), ('rollback_failed')
    ) as k (status)
    left join plumb.deployments as d on d.status = k.status
    group by k.status
    union all
    select 'plumb_security_blocks', '{}', count(*)
    from plumb.security_blocks as b
    where b.lifted_at is null and b.blocked_until > v_now;
end;
$$;
comment on function plumb.metric_samples() is
'The value of every metric now, with its labels; null where nothing is known yet.';
grant execute on function plumb.metric_samples() to plumb_reader;
