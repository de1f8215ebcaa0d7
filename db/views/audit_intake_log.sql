-- Lists what triggers recorded and is not sealed yet: it has no hash. It starts from the newest
-- seal.
create or replace view plumb.audit_intake_log as
select
    null::bigint as seal_id,
    (select max(s.seal_id) from plumb.seals as s) as base_seal,
    i.txid,
    i.position,
    (row_number() over (partition by i.txid order by i.position))::integer as n,
    2::smallint as format,
    i.occurred_at,
    i.op,
    i.relation,
    plumb.audit_key(coalesce(i.old_row, i.new_row), i.key) as record_key,
    case
        when i.op = 'UPDATE'
            then nullif(plumb.audit_key(i.new_row, i.key), plumb.audit_key(i.old_row, i.key))
    end as new_key,
    i.actor,
    i.app_user,
    i.old_row,
    i.new_row,
    false as is_redacted,
    null::bytea as prev_hash,
    null::bytea as row_hash
from plumb.audit_intake as i;
comment on view plumb.audit_intake_log is
'The rows of the log that triggers recorded and that no seal has taken yet.';
revoke select on plumb.audit_intake_log from plumb_reader;
grant select on plumb.audit_intake_log to plumb_auditor;
