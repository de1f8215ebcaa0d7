-- The audit log, the seals that close it, and what is known about both. docs/audit.md states
-- the format; a verifier is written from it, so nothing here changes without a format number.

do $$
begin
    if not exists (select from pg_roles where rolname = 'plumb_auditor') then
        create role plumb_auditor nologin;
    end if;
end;
$$;
comment on role plumb_auditor is
'Reader that may see the audit log''s rows, personal data included.';
grant plumb_reader to plumb_auditor;

set local role plumb_owner;

-- Partitioned by the seal a transaction started from. A seal exists before anybody can start
-- from it, so the sealer makes the next partition in time and no writer ever finds none; the
-- number survives dump and restore, where a transaction number would begin anew; and it grows
-- with time, so an old partition leaves as a whole. The collations spare the index its locale.
create table plumb.audit_log (
    base_seal bigint not null,
    txid xid8 not null,
    occurred_at timestamptz not null,
    n integer not null,
    format smallint not null,
    op text collate "C" not null,
    relation text collate "C" not null,
    record_key text collate "C",
    actor text not null,
    app_user text not null,
    old_row jsonb,
    new_row jsonb,
    salt bytea,
    payload_digest bytea,
    prev_hash bytea not null,
    row_hash bytea not null,
    primary key (txid, n, base_seal)
) partition by range (base_seal);
comment on table plumb.audit_log is
'Every change of every audited row. Each transaction''s rows are a hash chain of their own.';
comment on column plumb.audit_log.base_seal is
'The newest seal when the transaction wrote its first audited row; its chain starts there.';
comment on column plumb.audit_log.n is '1, 2, 3 and so on within the transaction.';
comment on column plumb.audit_log.format is 'How the hashes were made; 1 is docs/audit.md.';
comment on column plumb.audit_log.relation is 'schema.table; an OID would not survive a restore.';
comment on column plumb.audit_log.record_key is
'The key''s value as text, a JSON array of values for a key of several columns.';
comment on column plumb.audit_log.actor is 'session_user.';
comment on column plumb.audit_log.app_user is
'The setting plumb.app_user of the session, or else its application_name.';
comment on column plumb.audit_log.salt is
'Random bytes in the payload''s digest. Redaction erases them, and with them every guess.';
comment on column plumb.audit_log.payload_digest is
'Set by redaction: the digest of what is no longer there.';
comment on column plumb.audit_log.prev_hash is
'The row_hash of row n - 1, or the seal_hash of base_seal.';
create index audit_log_record_idx on plumb.audit_log (relation, record_key);
create index audit_log_redacted_idx on plumb.audit_log (txid, n) where payload_digest is not null;
revoke select on plumb.audit_log from plumb_reader;
grant select on plumb.audit_log to plumb_auditor;

create table plumb.seals (
    seal_id bigint primary key,
    format smallint not null,
    origin text not null,
    is_opening boolean not null,
    snapshot pg_snapshot not null,
    adopted xid8[] not null default '{}',
    transaction_count bigint not null,
    row_count bigint not null,
    members_hash bytea not null,
    sealed_at timestamptz not null,
    prev_hash bytea not null unique,
    seal_hash bytea not null unique
);
comment on table plumb.seals is
'Closes the chains of the transactions that ended since the seal before, and links to it.';
comment on column plumb.seals.origin is
'system identifier/database oid/timeline of the server that sealed.';
comment on column plumb.seals.is_opening is
'The first seal of an incarnation: of the log itself, or of a copy restored or promoted.';
comment on column plumb.seals.snapshot is 'Which transactions had ended when it was made.';
comment on column plumb.seals.adopted is
'Transactions of an earlier incarnation that an opening seal took in, unseen by its snapshot.';
comment on column plumb.seals.members_hash is 'Over its rows of audit_transactions.';
create index seals_sealed_at_idx on plumb.seals (sealed_at);

create table plumb.audit_transactions (
    seal_id bigint not null,
    txid xid8 not null,
    base_seal bigint not null,
    row_count integer not null,
    last_hash bytea not null,
    primary key (seal_id, txid, base_seal)
);
comment on table plumb.audit_transactions is
'Which transactions each seal closed: the change feed''s index, and where findings point.';
create index audit_transactions_txid_idx on plumb.audit_transactions (txid, base_seal);

create table plumb.audited_tables (
    relation text collate "C" primary key,
    key_columns text[] not null,
    excluded_columns text[] not null,
    masked_columns text[] not null,
    form text not null check (form in ('statement', 'replica')),
    members text[] not null,
    column_types jsonb not null,
    needs_baseline boolean not null default false,
    audited_by text not null default session_user,
    audited_at timestamptz not null
);
comment on table plumb.audited_tables is 'What is audited, and how.';
comment on column plumb.audited_tables.form is
'statement: every session. replica: also what logical replication applies, row by row.';
comment on column plumb.audited_tables.members is
'The table and its partitions: all carry triggers.';
comment on column plumb.audited_tables.needs_baseline is
'The table changed in a way no row of the log shows, such as a dropped partition.';

create table plumb.audit_reconciliations (
    relation text collate "C" primary key,
    row_count bigint not null,
    row_sum numeric not null,
    through_seal bigint not null,
    reconciled_at timestamptz not null
);
comment on table plumb.audit_reconciliations is
'What the log said each table holds, up to a seal: where the next reconciliation continues.';

create table plumb.audit_retentions (
    audit_retention_id bigint generated always as identity primary key,
    first_kept_seal bigint not null,
    row_count bigint not null,
    transaction_count bigint not null,
    last_seal_hash bytea not null,
    retired_by text not null default session_user,
    retired_at timestamptz not null
);
comment on table plumb.audit_retentions is
'Every cut: rows of transactions that started from a seal before first_kept_seal are gone.';

create table plumb.audit_anchors (
    audit_anchor_id bigint generated always as identity primary key,
    target text not null,
    seal_id bigint not null,
    seal_hash bytea not null,
    anchored_at timestamptz not null,
    unique (target, seal_id)
);
comment on table plumb.audit_anchors is
'Which seals'' hashes left this machine, and where to. The anchor itself lies there, not here.';

create table plumb.audit_verification (
    id integer primary key default 1 check (id = 1),
    through_seal bigint not null,
    seal_hash bytea not null,
    finding_count bigint not null,
    verified_at timestamptz not null
);
comment on table plumb.audit_verification is
'How far the log was verified without a finding, and when last.';

create table plumb.audit_functions (
    function_name text primary key,
    definition_hash bytea not null,
    recorded_at timestamptz not null
);
comment on table plumb.audit_functions is
'The bodies of the functions that write and seal, as the last migration left them.';

reset role;
