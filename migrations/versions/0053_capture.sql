-- How far the write-ahead log was read into the log, and of which tables each row is captured.
set local role plumb_owner;
alter table plumb.audited_tables
add column capture text collate "C" not null default 'trigger'
constraint audited_tables_capture_check check (capture in ('trigger', 'wal')),
add column replica_identities jsonb not null default '{}';

create table plumb.audit_capture (
    id smallint primary key default 1 constraint audit_capture_id_check check (id = 1),
    slot_name text collate "C" not null,
    origin text collate "C" not null,
    through_lsn pg_lsn not null,
    message_key bytea not null,
    tables jsonb not null default '{}',
    captured_at timestamptz not null,
    is_behind boolean not null default false,
    read_seconds numeric not null default 0
);
comment on table plumb.audit_capture is
'How far the write-ahead log was read into the audit log: one row while a table is captured so.';
revoke select on plumb.audit_capture from plumb_reader;

insert into plumb.locks (name) values ('audit capture');

-- They have more arguments.
drop function if exists plumb.audit_table(regclass, text[], text[], text);
drop function if exists plumb.audit_implied(text, bigint);
