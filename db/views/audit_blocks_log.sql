-- Lists the blocks of the log, row by row. A row starts from the row before it in its block, the
-- first from the block before.
create or replace view plumb.audit_blocks_log as
select
    b.seal_id,
    b.seal_id - 1 as base_seal,
    b.txid,
    l.position,
    l.n,
    b.format,
    l.occurred_at,
    l.op,
    l.relation,
    l.record_key,
    l.new_key,
    l.actor,
    l.app_user,
    l.old_row,
    l.new_row,
    plumb.block_part(b.salts, l.n::bigint - b.first_n)
    = decode(repeat('00', 32), 'hex') as is_redacted,
    case
        when l.n > b.first_n then plumb.block_part(b.digests, l.n::bigint - b.first_n - 1)
        else b.prev_hash
    end as prev_hash,
    plumb.block_part(b.digests, l.n::bigint - b.first_n) as row_hash,
    b.keys
from plumb.audit_blocks as b
cross join lateral plumb.block_lines(b.lines) as l;
comment on view plumb.audit_blocks_log is
'The rows of the log in format 2, and the keys of their block.';
revoke select on plumb.audit_blocks_log from plumb_reader;
grant select on plumb.audit_blocks_log to plumb_auditor;
