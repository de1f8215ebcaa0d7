-- Lists every metric: its name says the base unit, and none has labels that grow with traffic.
create or replace function plumb.metric_families()
returns table (name text, kind text, help text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select f.*
    from (values
        ('plumb_build', 'info', 'Versions of the schema and the server.'),
        ('plumb_health_score', 'gauge', 'Newest health score, 0 to 100.'),
        ('plumb_health_scored_timestamp_seconds', 'gauge', 'When health was scored.'),
        ('plumb_health_component_points', 'gauge', 'Points of a health component.'),
        ('plumb_health_component_points_max', 'gauge', 'Points a health component can have.'),
        ('plumb_safe_mode', 'gauge', 'Whether safe mode is on (1) or off (0).'),
        ('plumb_drift_score', 'gauge', 'Newest drift score: 100 is no drift.'),
        ('plumb_drift_scored_timestamp_seconds', 'gauge', 'When drift was scored.'),
        ('plumb_invariant_violations', 'gauge', 'Violations found by the last check.'),
        ('plumb_invariant_known', 'gauge', 'Whether the last check could judge it (1).'),
        ('plumb_incidents_open', 'gauge', 'Open incidents by priority.'),
        ('plumb_incidents_escalated', 'gauge', 'Open incidents that are escalated.'),
        ('plumb_incidents_acknowledged', 'gauge', 'Open incidents that a person works on.'),
        ('plumb_recent_requests', 'gauge', 'Requests in the traffic window, of all reporters.'),
        ('plumb_request_error_ratio', 'gauge', 'Failed share of recent requests, 0 to 1.'),
        ('plumb_request_latency_p95_seconds', 'gauge', 'p95 latency of recent requests.'),
        ('plumb_request_latency_p99_seconds', 'gauge', 'p99 latency of recent requests.'),
        ('plumb_slow_statements', 'gauge', 'Slow statements in the last sample, by verdict.'),
        ('plumb_database_check_severity', 'gauge', 'Last look: 0 ok, 1 warning, 2 critical.'),
        ('plumb_database_check_value', 'gauge', 'Last value, in the unit of its label.'),
        ('plumb_database_check_timestamp_seconds', 'gauge', 'When the checks last looked.'),
        ('plumb_server_memory_bytes', 'gauge', 'Private memory of all server processes.'),
        ('plumb_host_memory_available_bytes', 'gauge', 'Memory the host has left.'),
        ('plumb_connections', 'gauge', 'Client connections by state.'),
        ('plumb_connections_max', 'gauge', 'Setting max_connections.'),
        ('plumb_transactions', 'counter', 'Transactions of this database, by outcome.'),
        ('plumb_deadlocks', 'counter', 'Deadlocks in this database.'),
        ('plumb_scheduler_running', 'gauge', 'Whether anything runs the jobs (1).'),
        ('plumb_job_stale', 'gauge', 'Whether a job is overdue (1).'),
        ('plumb_job_failed', 'gauge', 'Whether a job''s last run failed (1).'),
        ('plumb_job_last_run_timestamp_seconds', 'gauge', 'When a job last began.'),
        ('plumb_job_last_run_duration_seconds', 'gauge', 'How long a job last took.'),
        ('plumb_alerts_queued', 'gauge', 'Deliveries that wait, by destination.'),
        ('plumb_alerts_dead', 'gauge', 'Deliveries given up, by destination.'),
        ('plumb_audit_seals', 'counter', 'Seals of the audit log.'),
        ('plumb_audit_sealed_timestamp_seconds', 'gauge', 'When the newest seal was made.'),
        ('plumb_audit_verified_timestamp_seconds', 'gauge', 'When the log was last verified.'),
        ('plumb_audit_findings', 'gauge', 'Findings that are not accepted, by priority.'),
        ('plumb_backup_valid_timestamp_seconds', 'gauge', 'Moment of the newest valid backup.'),
        ('plumb_backup_newest_valid', 'gauge', 'Whether the newest backup is proven (1).'),
        ('plumb_deployments', 'gauge', 'Deployments on record, by status.'),
        ('plumb_security_blocks', 'gauge', 'Clients that are blocked.')
    ) as f (name, kind, help)
$$;
comment on function plumb.metric_families() is
'Name, kind (gauge, counter, info) and help of every metric.';
grant execute on function plumb.metric_families() to plumb_reader;
