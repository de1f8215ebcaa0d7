-- Incidents, every step of their lives, and the outbox from which alerts are delivered.

set local role plumb_owner;

create table plumb.incidents (
    incident_id bigint generated always as identity primary key,
    source text not null,
    scope text not null,
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    status text not null default 'OPEN'
    check (status in ('OPEN', 'AUTO_HEALING', 'ESCALATED', 'RESOLVED', 'CLOSED')),
    title text not null,
    description text not null default '',
    runbook_url text not null default '',
    attempts integer not null default 0,
    occurrence_count bigint not null default 0,
    flap_count integer not null default 0,
    auto_healed boolean not null default false,
    snapshot jsonb not null default '{}',
    first_opened_at timestamptz not null,
    opened_at timestamptz not null,
    last_seen_at timestamptz not null,
    escalated_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    silenced_until timestamptz,
    resolved_at timestamptz,
    closed_at timestamptz,
    closed_by text,
    close_reason text
);
comment on table plumb.incidents is 'One row per trouble, never one per row that is wrong.';
comment on column plumb.incidents.source is 'The engine that found it, such as invariant.';
comment on column plumb.incidents.scope is 'What it concerns, such as NO_NEGATIVE_STOCK.';
comment on column plumb.incidents.attempts is
'Cycles that found it again after it was opened, each a chance to heal.';
comment on column plumb.incidents.occurrence_count is 'How much is wrong now, such as violations.';
comment on column plumb.incidents.opened_at is
'When it opened or, after it cleared and came back within the flap window, reopened.';
comment on column plumb.incidents.auto_healed is
'The trouble cleared by itself or by auto-correct.';
comment on column plumb.incidents.snapshot is
'Evidence taken when it opened: the violating rows (capped), blame, activity, locks, jobs.';
create unique index incidents_open_idx
on plumb.incidents (source, scope) where status in ('OPEN', 'AUTO_HEALING', 'ESCALATED');
create index incidents_opened_at_idx on plumb.incidents (opened_at desc);
create index incidents_resolved_idx on plumb.incidents (source, scope, resolved_at desc);

alter table plumb.invariant_violations
add constraint invariant_violations_incident_id_fkey
foreign key (incident_id) references plumb.incidents (incident_id) on delete set null;
create index invariant_violations_incident_id_idx on plumb.invariant_violations (incident_id);

create table plumb.incident_events (
    incident_event_id bigint generated always as identity primary key,
    incident_id bigint not null references plumb.incidents (incident_id) on delete cascade,
    event text not null,
    from_status text,
    to_status text not null,
    actor text not null default session_user,
    note text not null default '',
    occurred_at timestamptz not null
);
comment on table plumb.incident_events is 'The timeline: every change of every incident.';
create index incident_events_incident_id_idx
on plumb.incident_events (incident_id, incident_event_id);

create table plumb.outbox (
    message_id bigint generated always as identity primary key,
    topic text not null,
    incident_id bigint references plumb.incidents (incident_id) on delete cascade,
    dedup_key text not null,
    payload jsonb not null,
    created_at timestamptz not null
);
comment on table plumb.outbox is
'What is to be told to the world, written in the transaction that made it true.';
comment on column plumb.outbox.topic is
'incident.opened, incident.escalated, incident.resolved and so on.';
comment on column plumb.outbox.dedup_key is 'The same for every message about one incident.';
create index outbox_incident_id_idx on plumb.outbox (incident_id);

reset role;
