-- Lists the log in format 1, with what the rows of both formats have in common.
create or replace view plumb.audit_chains_log as
select
    t.seal_id,
    l.base_seal,
    l.txid,
    null::bigint as position,
    l.n,
    l.format,
    l.occurred_at,
    l.op,
    l.relation,
    l.record_key,
    null::text as new_key,
    l.actor,
    l.app_user,
    l.old_row,
    l.new_row,
    l.payload_digest is not null as is_redacted,
    l.prev_hash,
    l.row_hash
from plumb.audit_rows as l
left join plumb.audit_transactions as t on t.txid = l.txid and t.base_seal = l.base_seal;
comment on view plumb.audit_chains_log is 'The rows of the log in format 1.';
revoke select on plumb.audit_chains_log from plumb_reader;
grant select on plumb.audit_chains_log to plumb_auditor;
