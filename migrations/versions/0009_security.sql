-- What the request layer counts, whom it lets in, and what the security scan compares with.

-- Where the server's log lies is a setting that not everybody may see.
grant pg_read_all_settings to plumb_owner;

set local role plumb_owner;

create table plumb.rate_limits (
    route_class text primary key check (route_class ~ '^[a-z][a-z0-9_]{0,62}$'),
    position integer not null unique,
    route_pattern text not null,
    requests_max integer not null check (requests_max > 0),
    window_seconds integer not null check (window_seconds between 1 and 86400)
);
comment on table plumb.rate_limits is
'How many requests one client may make per class of routes in a sliding window.';
comment on column plumb.rate_limits.route_pattern is
'Regular expression over "METHOD /path"; the lowest position that matches decides.';
insert into plumb.rate_limits (
    route_class, position, route_pattern, requests_max, window_seconds
)
values
('mode', 10, '^[A-Z]+ /system-mode/', 20, 60),
('read', 80, '^(GET|HEAD|OPTIONS|TRACE) ', 600, 60),
('write', 90, '', 120, 60);

-- Unlogged: the count of the last minute is worth nothing after a crash, and a commit that
-- wrote nothing else waits for no disk, whatever synchronous_commit says. Several slots per
-- client: sessions that count for the same client at once do not wait for each other.
create unlogged table plumb.request_counters (
    client text not null,
    route_class text not null,
    slot smallint not null,
    window_started_at timestamptz not null,
    request_count integer not null,
    previous_count integer not null,
    refused_count integer not null,
    primary key (client, route_class, slot)
)
with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_threshold = 5000);
comment on table plumb.request_counters is
'Requests of each client in this window and the one before; lost in a crash, on purpose.';

create table plumb.security_allow_list (
    network cidr primary key,
    reason text not null check (trim(reason) <> ''),
    added_by text not null default session_user,
    added_at timestamptz not null default now()
);
comment on table plumb.security_allow_list is
'Networks that are never blocked and never limited.';
insert into plumb.security_allow_list (network, reason)
values
('127.0.0.0/8', 'this machine: whoever sits on it needs no network to do harm'),
('::1/128', 'this machine: whoever sits on it needs no network to do harm');

alter table plumb.security_events
add column event_count integer not null default 1 check (event_count > 0);
comment on column plumb.security_events.event_count is
'How often it happened since occurred_at; the same event within a minute shares a row.';
create index security_events_kind_actor_idx
on plumb.security_events (kind, actor, occurred_at desc);

alter table plumb.security_blocks
add column network cidr,
add column is_automatic boolean not null default false;
comment on column plumb.security_blocks.network is
'The addresses refused; null when the client is known by a name of the application.';
comment on column plumb.security_blocks.block_count is
'Which block in a row this is; each lasts twice as long as the one before.';
create index security_blocks_network_idx
on plumb.security_blocks using gist (network inet_ops) where lifted_at is null;
create index security_blocks_client_idx on plumb.security_blocks (client, blocked_at desc);

create table plumb.api_tokens (
    api_token_id bigint generated always as identity primary key,
    name text not null check (name ~ '^[A-Za-z0-9._@-]{1,100}$'),
    scope text not null check (scope in ('read', 'operate', 'admin')),
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    created_by text not null default session_user,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
comment on table plumb.api_tokens is
'Who may call over HTTP, and what. Only the SHA-256 of a token is kept: it is 256 random bits.';
create unique index api_tokens_name_idx on plumb.api_tokens (name) where revoked_at is null;
revoke select on plumb.api_tokens from plumb_reader;

create table plumb.api_calls (
    api_call_id bigint generated always as identity primary key,
    source text not null,
    method text not null,
    path text not null,
    client text not null,
    actor text not null,
    scope text not null,
    decision text not null,
    status integer,
    called_at timestamptz not null,
    answered_at timestamptz
);
comment on table plumb.api_calls is
'Every call that writes, recorded before it is carried out, and how it was answered.';
comment on column plumb.api_calls.status is
'HTTP status of the answer; null while it runs, or when the service died before answering.';
create index api_calls_called_at_idx on plumb.api_calls (called_at desc);

create table plumb.privileges (
    kind text not null,
    object text not null,
    grantee text not null,
    privilege text not null,
    is_accepted boolean not null,
    is_present boolean not null,
    changed_at timestamptz not null,
    primary key (kind, object, grantee, privilege)
);
comment on table plumb.privileges is
'Who may do what, as a person accepted it and as the last scan found it.';
create table plumb.privilege_acceptances (
    privilege_acceptance_id bigint generated always as identity primary key,
    reason text not null,
    accepted_by text not null default session_user,
    accepted_at timestamptz not null,
    changes jsonb not null
);
comment on table plumb.privilege_acceptances is
'Who declared the privileges right, when, why, and what had changed.';

create table plumb.server_log_position (
    id integer primary key default 1 check (id = 1),
    file_name text not null,
    inode bigint not null,
    byte_offset bigint not null,
    read_at timestamptz not null
);
comment on table plumb.server_log_position is
'How far the server''s JSON log was read for failed logins.';

alter table plumb.idempotency_keys
add column claim_id bigint generated by default as identity,
add column claimed_until timestamptz,
add column response_headers jsonb not null default '{}';
comment on column plumb.idempotency_keys.claim_id is
'Changes whenever the key changes hands, so that a claimant given up for dead cannot answer.';
comment on column plumb.idempotency_keys.claimed_until is
'When an answer that never came is given up and the request may be tried again.';
create unique index idempotency_keys_claim_id_idx on plumb.idempotency_keys (claim_id);
-- Stored answers may hold anything, personal data too.
revoke select on plumb.idempotency_keys from plumb_reader;

reset role;
