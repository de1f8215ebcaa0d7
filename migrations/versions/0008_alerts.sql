-- Where alerts go, every delivery of every message, and what keeps a message from going out.

set local role plumb_owner;

create type plumb.job_step as (message text, has_more boolean);
comment on type plumb.job_step is 'What one step of a stepwise job did, and whether there is more.';

alter table plumb.jobs add column is_stepwise boolean not null default false;
comment on column plumb.jobs.is_stepwise is
'The call returns plumb.job_step and is repeated, each time in a transaction of its own.';

alter table plumb.outbox add column routed_at timestamptz;
comment on column plumb.outbox.routed_at is
'When its deliveries were made; null until the dispatcher has seen it.';
create index outbox_unrouted_idx on plumb.outbox (message_id) where routed_at is null;
create index outbox_routed_at_idx on plumb.outbox (routed_at);

create table plumb.destinations (
    destination text primary key check (destination ~ '^[a-z][a-z0-9_]{0,62}$'),
    kind text not null check (kind in ('pagerduty', 'slack', 'webhook')),
    topics text[] not null,
    priorities text[] not null default '{P1,P2,P3,P4}'
    check (priorities <@ '{P1,P2,P3,P4}'),
    is_enabled boolean not null default true,
    failure_count integer not null default 0,
    circuit_open_count integer not null default 0,
    paused_until timestamptz,
    last_attempt_at timestamptz,
    last_success_at timestamptz,
    last_error text,
    description text not null
);
comment on table plumb.destinations is
'Who is told what. The addresses are secrets and stand in destination_secrets.';
comment on column plumb.destinations.topics is 'LIKE patterns of the topics it is told.';
comment on column plumb.destinations.priorities is
'Priorities it is told; messages without one always pass.';
comment on column plumb.destinations.failure_count is
'Attempts that failed since the last one that succeeded.';
comment on column plumb.destinations.circuit_open_count is
'How often the circuit opened in a row; above 0 the circuit is open or being tried.';
comment on column plumb.destinations.paused_until is
'Nothing is sent before: the circuit is open, or the receiver asked for patience.';

create table plumb.destination_secrets (
    destination text primary key references plumb.destinations (destination) on delete cascade,
    url text not null,
    secret text not null default '',
    updated_at timestamptz not null default now()
);
comment on table plumb.destination_secrets is
'Addresses and keys of the destinations; readable by plumb_owner only.';
comment on column plumb.destination_secrets.secret is
'PagerDuty: the routing key. Webhook: the key of the signature. Slack: unused, its URL is it.';
revoke select on plumb.destination_secrets from plumb_reader;

create table plumb.deliveries (
    delivery_id bigint generated always as identity primary key,
    message_id bigint not null references plumb.outbox (message_id) on delete cascade,
    destination text not null references plumb.destinations (destination),
    action text not null check (action in ('trigger', 'acknowledge', 'resolve', 'note')),
    source text not null,
    dedup_key text not null,
    status text not null default 'queued'
    check (status in ('queued', 'held', 'sending', 'delivered', 'skipped', 'dead')),
    reason text not null default '',
    attempt_count integer not null default 0,
    next_attempt_at timestamptz not null,
    claim_id uuid,
    claimed_by_pid integer,
    claimed_at timestamptz,
    last_status_code integer,
    last_error text,
    created_at timestamptz not null,
    queued_at timestamptz,
    finished_at timestamptz,
    unique (message_id, destination)
);
comment on table plumb.deliveries is 'One message to one destination, and what became of it.';
comment on column plumb.deliveries.status is
'queued; held (silenced, goes out if the trouble outlives the silence); sending; delivered;
skipped (reason says why nobody needed it); dead (given up; plumb.resend_delivery brings it back).';
comment on column plumb.deliveries.queued_at is
'When it was first free to go: at once, or when its silence ended, or when it was sent again.';
comment on column plumb.deliveries.claim_id is
'Changes with every claim, so that a dispatcher that was given up for dead cannot overwrite.';
create index deliveries_queued_idx
on plumb.deliveries (destination, delivery_id) where status in ('queued', 'sending');
create index deliveries_sending_idx on plumb.deliveries (destination) where status = 'sending';
create index deliveries_held_idx on plumb.deliveries (delivery_id) where status = 'held';
create index deliveries_dead_idx on plumb.deliveries (destination) where status = 'dead';
create index deliveries_dedup_key_idx
on plumb.deliveries (dedup_key, destination, delivery_id);
-- "is not null" keeps the planner from reading all of it to find one key.
create index deliveries_trigger_idx
on plumb.deliveries (source, destination, queued_at)
where action = 'trigger' and queued_at is not null;
create index deliveries_created_at_idx on plumb.deliveries (created_at);

create table plumb.silences (
    silence_id bigint generated always as identity primary key,
    kind text not null check (kind in ('silence', 'maintenance')),
    source text not null default '%',
    scope text not null default '%',
    priorities text[] not null default '{P1,P2,P3,P4}'
    check (priorities <@ '{P1,P2,P3,P4}'),
    starts_at timestamptz not null,
    ends_at timestamptz not null check (ends_at > starts_at),
    repeats_every interval check (repeats_every >= ends_at - starts_at),
    repeats_until timestamptz,
    reason text not null check (reason <> ''),
    created_by text not null,
    created_at timestamptz not null,
    ended_at timestamptz,
    ended_by text
);
comment on table plumb.silences is
'Spans in which incidents are recorded but not told. Source and scope are LIKE patterns.';
comment on column plumb.silences.repeats_every is
'Null: once. Otherwise the span comes again after this long, counted in days or shorter units.';
create index silences_ends_at_idx on plumb.silences (ends_at) where ended_at is null;

create table plumb.inhibitions (
    inhibition_id bigint generated always as identity primary key,
    parent_source text not null,
    parent_scope text not null default '%',
    child_source text not null,
    child_scope text not null default '%',
    reason text not null check (reason <> ''),
    created_by text not null,
    created_at timestamptz not null
);
comment on table plumb.inhibitions is
'While a parent incident is open, matching child incidents are held. All are LIKE patterns.';

create table plumb.floods (
    flood_id bigint generated always as identity primary key,
    source text not null,
    suppressed_count bigint not null default 0,
    started_at timestamptz not null,
    last_suppressed_at timestamptz not null,
    ended_at timestamptz
);
comment on table plumb.floods is
'Times in which a source raised more alerts than its cap; one summary stood in for the rest.';
create unique index floods_open_idx on plumb.floods (source) where ended_at is null;

create table plumb.dispatchers (
    dispatcher text primary key check (dispatcher in ('database', 'outside')),
    last_seen_at timestamptz not null
);
comment on table plumb.dispatchers is
'Who sends: the database''s own job, or `./plumb dispatch` from outside.';

reset role;
