-- What must be true, which tables can make it false, what was found, and how far off it is.

set local role plumb_owner;

create table plumb.invariants (
    name text primary key check (name ~ '^[A-Z][A-Z0-9_]{2,47}$'),
    view_name text not null,
    description text not null,
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4')),
    weight numeric not null default 1 check (weight > 0),
    enforcement text not null default 'detect' check (enforcement in ('detect', 'commit')),
    auto_correct text,
    runbook_url text not null default '',
    is_enabled boolean not null default true,
    checked_seal bigint,
    declared_by text not null default session_user,
    declared_at timestamptz not null default now()
);
comment on table plumb.invariants is
'What must be true. Each names a view that returns one row per violation; empty means true.';
comment on column plumb.invariants.view_name is 'schema.view; its first column is subject.';
comment on column plumb.invariants.weight is 'Multiplies the penalty of its priority.';
comment on column plumb.invariants.auto_correct is
'schema.function(text[]) returns bigint: mends these subjects, returns how many rows it changed.';
comment on column plumb.invariants.checked_seal is
'The changes up to this seal were checked; null: the whole view has to be read first.';

create table plumb.invariant_watches (
    invariant text not null references plumb.invariants (name) on delete cascade,
    relation text not null,
    key_column text not null,
    view_column text not null default 'subject',
    primary key (invariant, relation, key_column, view_column)
);
comment on table plumb.invariant_watches is
'Which column of which table names the rows of the view that a change may have made untrue.';
comment on column plumb.invariant_watches.relation is 'schema.table whose changes matter.';
comment on column plumb.invariant_watches.key_column is 'Column of that table.';
comment on column plumb.invariant_watches.view_column is 'Column of the view it is compared with.';

-- A row stands for the keys that hash to it, so that the table stays small whatever the shop
-- sells. Rows appear as they are needed.
create table plumb.enforcement_locks (
    enforcement_lock_id integer primary key,
    check_count bigint not null default 1
) with (fillfactor = 50);
comment on table plumb.enforcement_locks is
'Held while a commit checks a key, so that two commits never check the same key side by side.';
comment on column plumb.enforcement_locks.check_count is
'Grows with every check: an older snapshot that comes later then fails with 40001.';

create table plumb.drift_weights (
    priority text primary key check (priority in ('P1', 'P2', 'P3', 'P4')),
    first_penalty numeric not null check (first_penalty > 0),
    growth_penalty numeric not null check (growth_penalty >= 0),
    max_penalty numeric not null,
    check (max_penalty >= first_penalty)
);
comment on table plumb.drift_weights is
'Points a violated invariant takes off 100: first_penalty + growth_penalty × log2(violations).';

create table plumb.drift_scores (
    drift_score_id bigint generated always as identity primary key,
    score numeric(5, 2) not null check (score between 0 and 100),
    mode text not null check (mode in ('cycle', 'deep')),
    invariants_holding integer not null,
    invariants_violated integer not null,
    unknown_invariants text[] not null default '{}',
    violation_count bigint not null,
    from_seal bigint,
    to_seal bigint,
    created_at timestamptz not null default now()
);
comment on table plumb.drift_scores is
'How true the data is: 100 when every invariant holds, less for each violation.';
comment on column plumb.drift_scores.mode is
'cycle: only what changed was looked at; deep: every view was read in full.';
comment on column plumb.drift_scores.unknown_invariants is
'Invariants that could not be checked; they count against the score.';
create index drift_scores_created_at_idx on plumb.drift_scores (created_at desc);

create table plumb.invariant_checks (
    invariant_check_id bigint generated always as identity primary key,
    drift_score_id bigint references plumb.drift_scores (drift_score_id) on delete cascade,
    invariant text not null references plumb.invariants (name) on delete cascade,
    status text not null check (status in ('holds', 'violated', 'unknown')),
    violation_count bigint not null default 0,
    checked_key_count bigint,
    duration_ms numeric(12, 3) not null,
    error text,
    checked_at timestamptz not null default now()
);
comment on table plumb.invariant_checks is 'Every check of every invariant, passes included.';
comment on column plumb.invariant_checks.checked_key_count is
'How many keys an incremental check looked at; null when the whole view was read.';
create index invariant_checks_invariant_idx
on plumb.invariant_checks (invariant, checked_at desc);
create index invariant_checks_drift_score_id_idx on plumb.invariant_checks (drift_score_id);

create table plumb.invariant_violations (
    invariant_violation_id bigint generated always as identity primary key,
    invariant text not null references plumb.invariants (name) on delete cascade,
    subject text not null,
    explanation text not null,
    details jsonb not null,
    blame jsonb not null default '[]',
    found_by text not null check (found_by in ('cycle', 'deep')),
    incident_id bigint,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    cleared_at timestamptz
);
comment on table plumb.invariant_violations is
'What was found untrue, from the moment it was first seen until it was seen mended.';
comment on column plumb.invariant_violations.blame is
'The transactions, actors and applications that last changed the subject, newest first.';
create unique index invariant_violations_open_idx
on plumb.invariant_violations (invariant, subject) where cleared_at is null;
create index invariant_violations_first_seen_at_idx
on plumb.invariant_violations (first_seen_at desc);

create table plumb.quarantined_rows (
    quarantined_row_id bigint generated always as identity primary key,
    -- No foreign key: what was taken out outlives the rule that took it.
    invariant text not null,
    relation text not null,
    subject text not null,
    row_data jsonb not null,
    quarantined_at timestamptz not null
);
comment on table plumb.quarantined_rows is
'Rows that auto-correct took out of a table, kept whole so that they can be put back.';
create index quarantined_rows_invariant_idx on plumb.quarantined_rows (invariant, quarantined_at);

reset role;
