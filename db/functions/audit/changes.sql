-- Lists every audited change that the seals of a range closed: the change feed. Reading from the
-- seal after the last one read gives each change exactly once, whatever was committing meanwhile;
-- the cost follows the changes, not the log.
create or replace function plumb.changes(p_from_seal bigint, p_to_seal bigint)
returns table (
    seal_id bigint,
    txid xid8,
    n integer,
    occurred_at timestamptz,
    op text,
    relation text,
    record_key text,
    actor text,
    app_user text,
    old_row jsonb,
    new_row jsonb
)
language sql
stable
rows 1000
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select
        c.seal_id, c.txid, c.n, c.occurred_at, c.op, c.relation, c.record_key, c.actor, c.app_user,
        c.old_row, c.new_row
    from (
        select
            t.seal_id, null::bigint as position, l.txid, l.n, l.occurred_at, l.op, l.relation,
            l.record_key, l.actor, l.app_user, l.old_row, l.new_row
        from plumb.audit_transactions as t
        inner join plumb.audit_rows as l on l.txid = t.txid and l.base_seal = t.base_seal
        where t.seal_id between p_from_seal and p_to_seal
        union all
        select
            l.seal_id, l.position, l.txid, l.n, l.occurred_at, l.op, l.relation, l.record_key,
            l.actor, l.app_user, l.old_row, l.new_row
        from plumb.audit_blocks_log as l
        where l.seal_id between p_from_seal and p_to_seal
    ) as c
    order by c.seal_id, c.position, c.occurred_at, c.txid, c.n
$$;
comment on function plumb.changes(bigint, bigint) is
'Every change that the seals from one to another (both included) closed, in their order.';
grant execute on function plumb.changes(bigint, bigint) to plumb_auditor;
