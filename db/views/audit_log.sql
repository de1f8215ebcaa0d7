-- Lists the whole log: what format 1 chained row by row, the blocks of format 2, and what is
-- recorded and not sealed yet (seal_id is null). Whoever looks for a key or for what came after a
-- seal reads it through plumb.log_of() and plumb.log_since(), which find it by an index.
create or replace view plumb.audit_log as
select
    l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
    l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row, l.is_redacted,
    l.prev_hash, l.row_hash
from plumb.audit_chains_log as l
union all
select
    l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
    l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row, l.is_redacted,
    l.prev_hash, l.row_hash
from plumb.audit_blocks_log as l
union all
select
    l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
    l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row, l.is_redacted,
    l.prev_hash, l.row_hash
from plumb.audit_intake_log as l
union all
select
    l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
    l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row, l.is_redacted,
    l.prev_hash, l.row_hash
from plumb.audit_captured_log as l;
comment on view plumb.audit_log is
'Every change of every audited row, sealed or not yet: then seal_id and the hashes are null.';
revoke select on plumb.audit_log from plumb_reader;
grant select on plumb.audit_log to plumb_auditor;
