-- The health score with its weights and bands, and the safe mode it engages.

set local role plumb_owner;

create table plumb.health_components (
    component text primary key,
    max_points numeric not null check (max_points >= 0),
    position integer not null,
    measured_by text not null,
    description text not null
);
comment on table plumb.health_components is 'What the health score is made of.';
comment on column plumb.health_components.measured_by is
'schema.function(numeric max_points) returning plumb.health_measurement.';

create type plumb.health_measurement as (
    status text,
    points numeric,
    value numeric,
    threshold numeric,
    reason text
);
comment on type plumb.health_measurement is
'One component, measured: status is good, bad, idle (nothing to measure) or unknown.';

create table plumb.health_bands (
    component text not null references plumb.health_components (component) on delete cascade,
    value_max numeric not null,
    share numeric not null check (share between 0 and 1),
    primary key (component, value_max)
);
comment on table plumb.health_bands is
'Up to value_max (in the component''s unit) a component keeps this share of its points.';

create table plumb.health_grades (
    grade text primary key,
    score_min numeric not null unique check (score_min between 0 and 100)
);
comment on table plumb.health_grades is 'The lowest score of each grade.';

create table plumb.health_scores (
    health_score_id bigint generated always as identity primary key,
    score numeric(5, 2) not null check (score between 0 and 100),
    grade text not null references plumb.health_grades (grade),
    is_safe_mode boolean not null,
    components jsonb not null,
    cap_reason text,
    created_at timestamptz not null
);
comment on table plumb.health_scores is 'The health score over time, with everything behind it.';
comment on column plumb.health_scores.components is
'An array: component, status, points, max_points, value, threshold, reason.';
comment on column plumb.health_scores.cap_reason is 'Why the sum was capped; null when it was not.';
create index health_scores_created_at_idx on plumb.health_scores (created_at desc);

create table plumb.system_mode (
    id integer primary key default 1 check (id = 1),
    mode text not null default 'normal' check (mode in ('normal', 'safe')),
    reason text,
    enabled_by text,
    enabled_at timestamptz,
    is_automatic boolean not null default false,
    disabled_by text,
    disabled_at timestamptz,
    override_token text,
    override_failure_count integer not null default 0,
    override_locked_until timestamptz
);
comment on table plumb.system_mode is 'The one row that says whether writes are allowed.';
comment on column plumb.system_mode.override_token is
'Set it in plain text; a trigger stores only its salted hash.';
insert into plumb.system_mode (id) values (1);
-- Readers see the mode, never the token's hash; operators set the token as the guide shows.
revoke select on plumb.system_mode from plumb_reader;
grant select (
    id, mode, reason, enabled_by, enabled_at, is_automatic, disabled_by, disabled_at
) on plumb.system_mode to plumb_reader;
grant update (override_token) on plumb.system_mode to plumb_operator;

create table plumb.system_mode_changes (
    system_mode_change_id bigint generated always as identity primary key,
    mode text not null,
    reason text not null,
    actor text not null,
    is_automatic boolean not null,
    changed_at timestamptz not null
);
comment on table plumb.system_mode_changes is 'Every switch of the mode: who, when, why.';

-- A sequence is read without a snapshot: a REPEATABLE READ transaction that began before safe
-- mode was engaged still sees it here, where a table would show it yesterday's world.
create sequence plumb.safe_mode_flag as smallint minvalue 0 maxvalue 1 start 0;
comment on sequence plumb.safe_mode_flag is
'1 while safe mode may be on; the truth is system_mode, this only says when to look.';

create table plumb.guarded_tables (
    relation text primary key,
    guarded_by text not null default session_user,
    guarded_at timestamptz not null default now()
);
comment on table plumb.guarded_tables is 'Tables that refuse writes in safe mode.';
comment on column plumb.guarded_tables.relation is 'schema.table.';

reset role;
