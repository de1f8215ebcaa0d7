-- Says what the tables of engine audit and their columns hold, for \d+ and docs/reference.

comment on table plumb.audit_message_key is
'The secret by which messages in the WAL are recognised as those of our own triggers; one row.';
comment on column plumb.audit_message_key.id is 'Always 1: there is one row.';
comment on column plumb.audit_message_key.message_key is
'The secret by which messages of our own triggers are recognised.';


comment on table plumb.audit_anchors is
'Which seals were anchored, and where; the anchors themselves are stored there.';
comment on column plumb.audit_anchors.audit_anchor_id is 'Its number.';
comment on column plumb.audit_anchors.target is
'Where it was stored: a directory, or an address without its path.';
comment on column plumb.audit_anchors.seal_id is 'The number of the seal.';
comment on column plumb.audit_anchors.seal_hash is 'The hash of the seal.';
comment on column plumb.audit_anchors.anchored_at is 'When it was stored.';
comment on column plumb.audit_anchors.is_outside is
'Whether something outside holds it: another device than the data, or a server over https.';

comment on table plumb.audit_blocks is
'The log in format 2: the rows of a transaction as a text, and the links between such texts.';
comment on column plumb.audit_blocks.seal_id is 'The seal that closed the transaction.';
comment on column plumb.audit_blocks.block_number is '1, 2, 3 and so on within the seal.';
comment on column plumb.audit_blocks.txid is 'The transaction.';
comment on column plumb.audit_blocks.format is 'The version of the format; 2 is docs/audit.md.';
comment on column plumb.audit_blocks.first_n is
'The number of its first row in the transaction; a large transaction has several blocks.';
comment on column plumb.audit_blocks.row_count is 'How many rows it has.';
comment on column plumb.audit_blocks.keys is
'By what its rows are found: a number for each key that it has rows of.';
comment on column plumb.audit_blocks.lines is 'One line of JSON for each row.';
comment on column plumb.audit_blocks.salts is
'32 random bytes for each row; zeros once the row was redacted.';
comment on column plumb.audit_blocks.digests is '32 bytes for each row: SHA-256 of salt and line.';
comment on column plumb.audit_blocks.block_hash is
'Set by redaction: the hash of the block as it was written.';
comment on column plumb.audit_blocks.prev_hash is
'The link_hash of the block before, or the seal_hash of the seal before.';
comment on column plumb.audit_blocks.link_hash is
'The hash of the block and of the link before it.';

comment on table plumb.audit_capture is
'How far the write-ahead log was read into the audit log: one row while a table is captured so.';
comment on column plumb.audit_capture.id is 'Always 1: there is one row.';
comment on column plumb.audit_capture.slot_name is 'The replication slot from which it is read.';
comment on column plumb.audit_capture.origin is
'Server, database and timeline in which reading began.';
comment on column plumb.audit_capture.through_lsn is
'Up to where the WAL was read into the log: every commit before it is there.';
comment on column plumb.audit_capture.tables is
'The captured tables as the WAL described them at that position.';
comment on column plumb.audit_capture.captured_at is 'When it was last read.';
comment on column plumb.audit_capture.is_behind is
'Whether more was there to be read than one reading takes.';
comment on column plumb.audit_capture.read_seconds is 'How long the last reading took.';
comment on column plumb.audit_capture.read_snapshot is
'Which transactions had ended when all was read; null after a reading that may have left some.';

comment on table plumb.audit_findings is
'What the verification of the audit log found, and who accepted which finding and why.';
comment on column plumb.audit_findings.audit_finding_id is 'Its number.';
comment on column plumb.audit_findings.fingerprint is
'SHA-256 of what makes it the same finding in the next verification.';
comment on column plumb.audit_findings.source is
'log: the log itself; setup: what writes it; table: a table differs from its log; event: something
happened that a person must accept.';
comment on column plumb.audit_findings.priority is 'P1 (most urgent) to P3.';
comment on column plumb.audit_findings.kind is
'What it is; docs/audit.md says what each kind means.';
comment on column plumb.audit_findings.relation is 'The audited table, as schema.table.';
comment on column plumb.audit_findings.record_key is 'The key of the row.';
comment on column plumb.audit_findings.object is 'What else it is about, such as a trigger.';
comment on column plumb.audit_findings.seal is 'The seal that closed the transaction, or is wrong.';
comment on column plumb.audit_findings.txid is 'The transaction.';
comment on column plumb.audit_findings.n is 'The row''s number within the transaction.';
comment on column plumb.audit_findings.expected is
'What should be there; of a table''s row the SHA-256 of what the log says.';
comment on column plumb.audit_findings.actual is
'What is there; of a table''s row the SHA-256 of what it holds.';
comment on column plumb.audit_findings.is_kept is
'It stays until a person accepts it, whatever later verifications find.';
comment on column plumb.audit_findings.occurrence_count is 'How many verifications found it.';
comment on column plumb.audit_findings.first_seen_at is 'When it was found first.';
comment on column plumb.audit_findings.last_seen_at is 'When it was found last.';
comment on column plumb.audit_findings.cleared_at is
'When a verification no longer found it; null while it is there.';
comment on column plumb.audit_findings.accepted_by is
'The person who accepted it, by the name that was given.';
comment on column plumb.audit_findings.accepted_role is 'The role of the session that accepted it.';
comment on column plumb.audit_findings.accepted_at is 'When it was accepted.';
comment on column plumb.audit_findings.accept_reason is 'Why it was accepted.';

comment on table plumb.audit_functions is
'The functions that write and seal the log, as the last migration left them.';
comment on column plumb.audit_functions.function_name is 'The function with its argument types.';
comment on column plumb.audit_functions.definition_hash is
'SHA-256 of its definition when it was installed.';
comment on column plumb.audit_functions.recorded_at is 'When that was recorded.';

comment on table plumb.audit_intake is
'What writers recorded and no seal has taken yet. Only Plumbline''s own triggers write it.';
comment on column plumb.audit_intake.position is
'Its place in the order in which everything is written.';
comment on column plumb.audit_intake.txid is 'The transaction that made the change.';
comment on column plumb.audit_intake.occurred_at is
'When the row was written, by the clock of the server.';
comment on column plumb.audit_intake.op is
'INSERT, UPDATE, DELETE, TRUNCATE, or a record of ours such as BASELINE, SNAPSHOT, DDL.';
comment on column plumb.audit_intake.relation is 'The table, as schema.table.';
comment on column plumb.audit_intake.key is
'The columns of the table''s key when it was written: one name, or a JSON array of several.';
comment on column plumb.audit_intake.actor is 'session_user.';
comment on column plumb.audit_intake.app_user is
'The setting plumb.app_user of the session, or else its application_name.';
comment on column plumb.audit_intake.old_row is 'The row before the change.';
comment on column plumb.audit_intake.new_row is 'The row after the change.';

comment on table plumb.audit_captured is
'Blocks of rows that were read from the WAL and that no seal has taken yet.';
comment on column plumb.audit_captured.txid is 'The transaction that made the changes.';
comment on column plumb.audit_captured.first_n is
'The number of its first row in the transaction; a large transaction has several blocks.';
comment on column plumb.audit_captured.row_count is 'How many rows it has.';
comment on column plumb.audit_captured.keys is
'By what its rows are found: a number for each key that it has rows of.';
comment on column plumb.audit_captured.lines is 'One line of JSON for each row.';
comment on column plumb.audit_captured.salts is '32 random bytes for each row.';
comment on column plumb.audit_captured.digests is
'32 bytes for each row: SHA-256 of salt and line.';
comment on column plumb.audit_captured.block_hash is
'The hash of what the block holds, which its link will cover.';

comment on table plumb.audit_reconciliations is
'What the log said each table holds, up to a seal: where the next reconciliation continues.';
comment on column plumb.audit_reconciliations.relation is 'The table, as schema.table.';
comment on column plumb.audit_reconciliations.row_count is 'How many rows the table had.';
comment on column plumb.audit_reconciliations.row_sum is 'The sum of the hashes of its rows.';
comment on column plumb.audit_reconciliations.through_seal is
'The newest seal that was taken into account.';
comment on column plumb.audit_reconciliations.reconciled_at is
'When the table and its log were found equal.';
comment on column plumb.audit_reconciliations.sum_form is
'How rows were hashed: 1 without any null, 2 without null columns only.';

comment on table plumb.audit_retentions is
'Every removal of old rows: those of transactions that started from a seal before first_kept_seal
are gone.';
comment on column plumb.audit_retentions.audit_retention_id is 'Its number.';
comment on column plumb.audit_retentions.first_kept_seal is 'The oldest seal whose rows were kept.';
comment on column plumb.audit_retentions.row_count is 'How many rows were removed.';
comment on column plumb.audit_retentions.transaction_count is 'How many transactions were removed.';
comment on column plumb.audit_retentions.last_seal_hash is
'The hash of the newest seal whose rows were removed.';
comment on column plumb.audit_retentions.retired_by is 'Who removed them.';
comment on column plumb.audit_retentions.retired_at is 'When they were removed.';

comment on table plumb.audit_rows is
'The log in format 1: every change, each transaction''s rows a hash chain of their own.';
comment on column plumb.audit_rows.base_seal is
'The newest seal when the transaction wrote its first audited row; its chain starts there.';
comment on column plumb.audit_rows.txid is 'The transaction that made the change.';
comment on column plumb.audit_rows.occurred_at is
'When the row was written, by the clock of the server.';
comment on column plumb.audit_rows.n is '1, 2, 3 and so on within the transaction.';
comment on column plumb.audit_rows.format is 'How the hashes were made; 1 is docs/audit.md.';
comment on column plumb.audit_rows.op is
'INSERT, UPDATE, DELETE, TRUNCATE, or a record of ours such as BASELINE, SNAPSHOT, DDL.';
comment on column plumb.audit_rows.relation is 'schema.table; an OID would not survive a restore.';
comment on column plumb.audit_rows.record_key is
'The key''s value as text, a JSON array of values for a key of several columns.';
comment on column plumb.audit_rows.actor is 'session_user.';
comment on column plumb.audit_rows.app_user is
'The setting plumb.app_user of the session, or else its application_name.';
comment on column plumb.audit_rows.old_row is
'The row before the change; null where there was none, or where it was redacted.';
comment on column plumb.audit_rows.new_row is
'The row after the change; null where there is none, or where it was redacted.';
comment on column plumb.audit_rows.salt is
'Random bytes in the payload''s digest. Redaction erases them, and with them every guess.';
comment on column plumb.audit_rows.payload_digest is
'Set by redaction: the digest of what is no longer there.';
comment on column plumb.audit_rows.prev_hash is
'The row_hash of row n - 1, or the seal_hash of base_seal.';
comment on column plumb.audit_rows.row_hash is
'The hash of this row and of the row before it in its transaction.';

comment on table plumb.audit_transactions is
'Which transactions each seal closed: the change feed''s index, and where findings point.';
comment on column plumb.audit_transactions.seal_id is 'The seal that closed the transaction.';
comment on column plumb.audit_transactions.txid is 'The transaction.';
comment on column plumb.audit_transactions.base_seal is
'The newest seal when the transaction began to write.';
comment on column plumb.audit_transactions.row_count is 'How many rows it wrote to the log.';
comment on column plumb.audit_transactions.last_hash is 'The hash of the last of these rows.';

comment on table plumb.audit_verification is
'How far the log was verified without a finding, and when last.';
comment on column plumb.audit_verification.id is 'Always 1: there is one row.';
comment on column plumb.audit_verification.through_seal is 'The newest seal that was verified.';
comment on column plumb.audit_verification.seal_hash is 'The hash of the seal.';
comment on column plumb.audit_verification.finding_count is
'How many findings the verification had.';
comment on column plumb.audit_verification.verified_at is 'When it was verified.';
comment on column plumb.audit_verification.reverified_seal is
'The newest old seal that the running round verified again.';
comment on column plumb.audit_verification.reverify_started_at is 'When that round began.';

comment on table plumb.audited_tables is 'The audited tables, and how each is audited.';
comment on column plumb.audited_tables.relation is 'The table, as schema.table.';
comment on column plumb.audited_tables.key_columns is 'The columns that identify a row.';
comment on column plumb.audited_tables.excluded_columns is
'The columns that are left out of the log.';
comment on column plumb.audited_tables.masked_columns is
'The columns of which only a mask is logged.';
comment on column plumb.audited_tables.members is
'The table and its partitions: all carry triggers.';
comment on column plumb.audited_tables.column_types is
'The type of each column when the baseline was taken.';
comment on column plumb.audited_tables.exact_pattern is
'{"column": "pattern"} of the values that JSON does not tell apart: the log has their texts too.';
comment on column plumb.audited_tables.is_exact is
'Whether it has such texts; a table that an earlier version began to audit has none.';
comment on column plumb.audited_tables.needs_baseline is
'The table changed in a way no row of the log shows, such as a dropped partition.';
comment on column plumb.audited_tables.audited_by is 'Who began to audit it.';
comment on column plumb.audited_tables.audited_at is 'When it began to be audited.';
comment on column plumb.audited_tables.compared_at is
'When all its rows were last compared with its log.';
comment on column plumb.audited_tables.relid is 'Its OID in the database of relid_origin.';
comment on column plumb.audited_tables.relid_origin is
'system identifier/database oid of the database in which relid is its OID.';
comment on column plumb.audited_tables.baseline_pending is
'What DDL did since the last baseline: reasons, names, columns, types; null when nothing.';
comment on column plumb.audited_tables.capture is
'What its changes are recorded by: trigger, or wal (read from the write-ahead log).';
comment on column plumb.audited_tables.replica_identities is
'How a table or partition (by OID) identified its rows before it was captured from the WAL.';

comment on table plumb.seals is
'The seals: each closes the transactions that ended since the seal before, and links to it.';
comment on column plumb.seals.seal_id is 'Its number; the highest is the newest.';
comment on column plumb.seals.format is 'The version of the format that it is hashed by.';
comment on column plumb.seals.origin is
'system identifier/database oid/timeline of the server that sealed.';
comment on column plumb.seals.is_opening is
'The first seal of an incarnation: of the log itself, or of a copy restored or promoted.';
comment on column plumb.seals.snapshot is 'Which transactions had ended when it was made.';
comment on column plumb.seals.adopted is
'Transactions of an earlier incarnation that an opening seal took in, unseen by its snapshot.';
comment on column plumb.seals.transaction_count is 'How many transactions it closes.';
comment on column plumb.seals.row_count is 'How many rows these have.';
comment on column plumb.seals.members_hash is 'Over its rows of audit_transactions.';
comment on column plumb.seals.sealed_at is 'When it was made, by the clock of the server.';
comment on column plumb.seals.prev_hash is 'The hash that this one continues.';
comment on column plumb.seals.seal_hash is 'The hash of the seal.';
comment on column plumb.seals.block_count is 'How many blocks it has; null in format 1.';

comment on column plumb.audit_log.seal_id is
'The seal that closed the transaction; null while there is none.';
comment on column plumb.audit_log.base_seal is
'The seal before that; in format 1 the newest when the transaction began to write.';
comment on column plumb.audit_log.txid is 'The transaction that made the change.';
comment on column plumb.audit_log.position is
'Its place in the order in which everything was written; null in format 1.';
comment on column plumb.audit_log.n is '1, 2, 3 and so on within the transaction.';
comment on column plumb.audit_log.format is 'How it is hashed: 1 or 2, see docs/audit.md.';
comment on column plumb.audit_log.occurred_at is
'When the row was written, by the clock of the server.';
comment on column plumb.audit_log.op is
'INSERT, UPDATE, DELETE, TRUNCATE, or a record of ours such as BASELINE, SNAPSHOT, DDL.';
comment on column plumb.audit_log.relation is 'The table, as schema.table.';
comment on column plumb.audit_log.record_key is
'The key''s value as text, a JSON array of values for a key of several columns.';
comment on column plumb.audit_log.new_key is
'The key that an UPDATE gave the row, when it is another; null in format 1.';
comment on column plumb.audit_log.actor is 'session_user.';
comment on column plumb.audit_log.app_user is
'The setting plumb.app_user of the session, or else its application_name.';
comment on column plumb.audit_log.old_row is
'The row before the change; null where there was none, or where it was redacted.';
comment on column plumb.audit_log.new_row is
'The row after the change; null where there is none, or where it was redacted.';
comment on column plumb.audit_log.is_redacted is 'Whether parts of it were erased.';
comment on column plumb.audit_log.prev_hash is
'What the row starts from: the digest of the row before, or the link before its block.';
comment on column plumb.audit_log.row_hash is
'The digest of the row; in format 1 the hash of it and of the row before.';

-- The views of which plumb.audit_log is made have the same columns.
do $$
declare
    v_column record;
begin
    for v_column in
        select
            c.oid::regclass as view,
            a.attname as name,
            coalesce(
                col_description('plumb.audit_log'::regclass, o.attnum),
                'The numbers of the keys of its block.'
            ) as description
        from pg_class as c
        inner join pg_attribute as a on a.attrelid = c.oid
        left join pg_attribute as o
            on o.attrelid = 'plumb.audit_log'::regclass and o.attname = a.attname
        where
            c.oid in (
                'plumb.audit_chains_log'::regclass,
                'plumb.audit_blocks_log'::regclass,
                'plumb.audit_intake_log'::regclass,
                'plumb.audit_captured_log'::regclass
            )
    loop
        execute format(
            'comment on column %s.%I is %L', v_column.view, v_column.name, v_column.description
        );
    end loop;
end;
$$;
