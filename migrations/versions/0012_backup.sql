-- The catalog of backups, what each drill proved, who starts them, and when each index of the
-- live database was last checked.

set local role plumb_owner;

create table plumb.backups (
    backup_id bigint generated always as identity primary key,
    backup_name text not null unique,
    tool text not null default 'plumb',
    status text not null check (status in ('running', 'finished', 'failed')),
    location text not null default '',
    size_bytes bigint check (size_bytes >= 0),
    sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
    is_encrypted boolean not null default false,
    taken_at timestamptz,
    manifest jsonb not null default '{}',
    error text not null default '',
    started_at timestamptz not null,
    finished_at timestamptz,
    pruned_at timestamptz
);
comment on table plumb.backups is
'Every backup that was begun, ours and other tools''. What it is worth: backup_validations.';
comment on column plumb.backups.sha256 is
'Digest of the stored file: a file that came later under this name is found by it.';
comment on column plumb.backups.taken_at is 'The moment whose data it holds.';
create index backups_taken_at_idx on plumb.backups (taken_at desc);
create index backups_started_at_idx on plumb.backups (started_at);

alter table plumb.backup_validations
add column tool text not null default 'plumb',
add column validated_on text not null default '';
comment on column plumb.backup_validations.tiers is
'[{"tier", "status": passed | failed | unknown | skipped, "seconds", "evidence"}]';
comment on column plumb.backup_validations.restore_seconds is
'How long the restore took: what to expect when it is needed (RTO).';
create index backup_validations_backup_name_idx
on plumb.backup_validations (backup_name, started_at desc);

create table plumb.index_checks (
    relation text primary key,
    size_bytes bigint not null,
    error text not null default '',
    checked_at timestamptz not null
);
comment on table plumb.index_checks is
'The last amcheck of each B-tree index of the live database; those checked longest ago go first.';

reset role;

-- What the server starts in its own account. Whoever could write this row could run anything
-- there, so it is the superuser's: not the owner's, and no setting that operators change.
create table plumb.backup_agent (
    id integer primary key default 1 check (id = 1),
    command text[] not null,
    environment jsonb not null default '{}',
    installed_at timestamptz not null default now()
);
comment on table plumb.backup_agent is
'The program that makes backups, on the server''s own machine; no row: none is installed there.';
revoke all on plumb.backup_agent from public, plumb_owner, plumb_reader;
