-- Lists what was captured and is not sealed yet, row by row: it has digests, which no link covers
-- yet. It starts from the newest seal.
create or replace view plumb.audit_captured_log as
select
    null::bigint as seal_id,
    (select max(s.seal_id) from plumb.seals as s) as base_seal,
    c.txid,
    l.position,
    l.n,
    2::smallint as format,
    l.occurred_at,
    l.op,
    l.relation,
    l.record_key,
    l.new_key,
    l.actor,
    l.app_user,
    l.old_row,
    l.new_row,
    false as is_redacted,
    null::bytea as prev_hash,
    null::bytea as row_hash,
    c.keys
from plumb.audit_captured as c
cross join lateral plumb.block_lines(c.lines) as l;
comment on view plumb.audit_captured_log is
'The rows of the log that were read from the WAL and that no seal has taken yet.';
revoke select on plumb.audit_captured_log from plumb_reader;
grant select on plumb.audit_captured_log to plumb_auditor;
