-- What the request layer, the security, performance, backup and deployment engines record.

set local role plumb_owner;

create table plumb.idempotency_keys (
    scope text not null,
    idempotency_key text not null check (length(idempotency_key) between 1 and 255),
    request_hash text not null,
    status text not null default 'in_progress' check (status in ('in_progress', 'completed')),
    response_status integer,
    response_body text,
    created_at timestamptz not null,
    completed_at timestamptz,
    expires_at timestamptz not null,
    primary key (scope, idempotency_key)
);
comment on table plumb.idempotency_keys is
'Answers already given, so that a request sent twice is carried out once.';
-- Answers may hold anything that a customer was told.
revoke select on plumb.idempotency_keys from plumb_reader;
create index idempotency_keys_expires_at_idx on plumb.idempotency_keys (expires_at);

create table plumb.security_events (
    security_event_id bigint generated always as identity primary key,
    kind text not null,
    severity text not null check (severity in ('P1', 'P2', 'P3', 'P4')),
    client text not null default '',
    actor text not null default '',
    details jsonb not null default '{}',
    occurred_at timestamptz not null
);
comment on table plumb.security_events is 'What looked like an attack, or was one.';
create index security_events_occurred_at_idx on plumb.security_events (occurred_at desc);
create index security_events_kind_client_idx
on plumb.security_events (kind, client, occurred_at desc);

create table plumb.security_blocks (
    security_block_id bigint generated always as identity primary key,
    client text not null,
    reason text not null,
    block_count integer not null default 1,
    blocked_by text not null default session_user,
    blocked_at timestamptz not null,
    blocked_until timestamptz not null,
    lifted_at timestamptz,
    lifted_by text
);
comment on table plumb.security_blocks is 'Clients that are refused, and until when.';
create unique index security_blocks_open_idx
on plumb.security_blocks (client) where lifted_at is null;

create table plumb.perf_observations (
    perf_observation_id bigint generated always as identity primary key,
    source text not null,
    route text not null,
    request_count bigint not null check (request_count >= 0),
    error_count bigint not null check (error_count >= 0),
    p50_ms double precision,
    p95_ms double precision,
    p99_ms double precision,
    window_started_at timestamptz not null,
    window_seconds double precision not null check (window_seconds > 0)
);
comment on table plumb.perf_observations is
'Request latencies, one row per source, route and window. Route * is the sum of all; a window
with no request is recorded too, for silence and a dead reporter must not look the same.';
create index perf_observations_window_started_at_idx
on plumb.perf_observations (window_started_at desc);

create table plumb.backup_validations (
    backup_validation_id bigint generated always as identity primary key,
    backup_name text not null,
    status text not null check (status in ('running', 'valid', 'invalid', 'unknown')),
    size_bytes bigint,
    sha256 text,
    taken_at timestamptz,
    restore_seconds double precision,
    tiers jsonb not null default '[]',
    reason text not null default '',
    started_at timestamptz not null,
    finished_at timestamptz
);
comment on table plumb.backup_validations is 'What each backup was proven to be, tier by tier.';
create index backup_validations_started_at_idx on plumb.backup_validations (started_at desc);

create table plumb.executive_reports (
    executive_report_id bigint generated always as identity primary key,
    period_started_at timestamptz not null,
    period_ended_at timestamptz not null,
    report jsonb not null,
    created_by text not null default session_user,
    created_at timestamptz not null
);
comment on table plumb.executive_reports is 'What happened in a period, in words and numbers.';

create table plumb.deployment_gates (
    deployment_gate_id bigint generated always as identity primary key,
    deployment text not null,
    gate text not null,
    status text not null check (status in ('pass', 'fail', 'unknown')),
    value text,
    threshold text,
    reason text not null,
    checked_at timestamptz not null
);
comment on table plumb.deployment_gates is 'Every gate that every deployment was held against.';
create index deployment_gates_deployment_idx on plumb.deployment_gates (deployment, checked_at);

reset role;
