-- Deployments: the gates they passed, the baseline they are held against, what was seen while
-- they were watched, and every step they took.

set local role plumb_owner;

create table plumb.deployments (
    deployment_id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 200),
    status text not null check (
        status in (
            'gating', 'cleared', 'refused', 'applying', 'watching', 'succeeded', 'inconclusive',
            'rolling_back', 'rolled_back', 'rollback_failed', 'interrupted'
        )
    ),
    reason text not null default '',
    watch_seconds integer check (watch_seconds > 0),
    host text not null default '',
    process_id integer,
    started_by text not null default session_user,
    started_at timestamptz not null,
    applying_at timestamptz,
    applied_at timestamptz,
    last_seen_at timestamptz not null,
    finished_at timestamptz,
    baseline_taken_at timestamptz,
    baseline_p95_ms double precision,
    baseline_error_rate numeric,
    baseline_request_count bigint,
    baseline_drift_score numeric,
    baseline_incident_ids bigint[] not null default '{}',
    baseline_sample jsonb
);
comment on table plumb.deployments is
'Every deployment that was judged or carried out. Its commands are not kept: they hold secrets.';
comment on column plumb.deployments.status is
'cleared and refused are verdicts of the gates; inconclusive: applied, but nobody can say how it
does; interrupted: ended before anything was applied.';
comment on column plumb.deployments.last_seen_at is
'When its process was last heard of: an unfinished one that is silent has lost its process.';
comment on column plumb.deployments.baseline_incident_ids is
'P1 incidents that were open before; those do not count against it.';
comment on column plumb.deployments.baseline_sample is
'What MONITORING_HEALTH_URL said before; null when the database is watched instead.';
-- Two deployments at once could not tell whose fault a breach is.
create unique index deployments_unfinished_idx
on plumb.deployments ((true))
where status in ('gating', 'applying', 'watching', 'rolling_back');
create index deployments_name_idx on plumb.deployments (name, deployment_id desc);

create table plumb.deployment_events (
    deployment_event_id bigint generated always as identity primary key,
    deployment_id bigint not null
    references plumb.deployments (deployment_id) on delete cascade,
    status text not null,
    reason text not null default '',
    actor text not null default session_user,
    occurred_at timestamptz not null
);
comment on table plumb.deployment_events is 'Each step of each deployment, and why it was taken.';
create index deployment_events_deployment_id_idx
on plumb.deployment_events (deployment_id, deployment_event_id);

create table plumb.deployment_samples (
    deployment_sample_id bigint generated always as identity primary key,
    deployment_id bigint not null
    references plumb.deployments (deployment_id) on delete cascade,
    sampled_at timestamptz not null,
    window_seconds double precision not null default 0 check (window_seconds >= 0),
    request_count bigint check (request_count >= 0),
    error_rate numeric check (error_rate between 0 and 1),
    p95_ms double precision check (p95_ms >= 0),
    drift_score numeric,
    open_p1_count integer,
    reported_at text,
    error text not null default ''
);
comment on table plumb.deployment_samples is 'What was seen while a deployment was watched.';
comment on column plumb.deployment_samples.window_seconds is
'How far back its requests reach; those from before the deployment prove nothing good.';
comment on column plumb.deployment_samples.error_rate is 'Share of requests that failed, 0 to 1.';
comment on column plumb.deployment_samples.drift_score is
'As the watched address said; null when the database is watched.';
comment on column plumb.deployment_samples.reported_at is
'sampledAt as the watched address said; seen twice, it is an old answer.';
comment on column plumb.deployment_samples.error is 'Why there is no measurement.';
create index deployment_samples_deployment_id_idx
on plumb.deployment_samples (deployment_id, sampled_at);

alter table plumb.deployment_gates
add column deployment_id bigint references plumb.deployments (deployment_id) on delete set null;
create index deployment_gates_deployment_id_idx
on plumb.deployment_gates (deployment_id, deployment_gate_id desc);
create index deployment_gates_checked_at_idx on plumb.deployment_gates (checked_at);

reset role;
