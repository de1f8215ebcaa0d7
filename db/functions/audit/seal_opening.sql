-- The first seal of a restored or promoted copy takes all that no earlier seal took: what was
-- written here since, and what the copy brought along unsealed. Transaction numbers begin anew
-- in a restored copy, so what the snapshot does not see by number is listed.
create or replace function plumb.seal_opening(
    p_seal_id bigint, p_snapshot pg_snapshot, p_last_snapshot pg_snapshot
)
returns xid8[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with unsealed as (
        select l.txid, l.base_seal, max(l.n) as row_count
        from plumb.audit_log as l
        where
            (
                l.base_seal = p_seal_id - 1
                or (
                    l.base_seal < p_seal_id - 1
                    and (
                        l.txid >= pg_snapshot_xmax(p_last_snapshot)
                        or l.txid = any(array(select pg_snapshot_xip(p_last_snapshot)))
                    )
                )
            )
            and l.txid is distinct from pg_current_xact_id_if_assigned()
            and not exists (
                select from plumb.audit_transactions as t
                where t.txid = l.txid and t.base_seal = l.base_seal
            )
        group by l.txid, l.base_seal
    ),

    entries as (
        insert into plumb.audit_transactions (seal_id, txid, base_seal, row_count, last_hash)
        select p_seal_id, u.txid, u.base_seal, u.row_count, l.row_hash
        from unsealed as u
        inner join plumb.audit_log as l
            on l.txid = u.txid and l.n = u.row_count and l.base_seal = u.base_seal
        returning txid
    )

    select coalesce(
        array_agg(distinct e.txid) filter (where not pg_visible_in_snapshot(e.txid, p_snapshot)),
        '{}'
    )
    from entries as e
$$;
comment on function plumb.seal_opening(bigint, pg_snapshot, pg_snapshot) is
'Enter the transactions of an opening seal; returns those that its snapshot does not see.';
