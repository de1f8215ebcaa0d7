-- Returns the hash over the transactions of each seal of a range. Groups of 128 are hashed first,
-- so that a proof of one transaction needs its group and the groups' hashes, not all of them.
create or replace function plumb.members_digest(p_from_seal bigint, p_to_seal bigint)
returns table (
    seal_id bigint, members_hash bytea, transaction_count bigint, row_count bigint
)
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select
        g.seal_id,
        sha256(string_agg(g.group_hash, '' order by g.group_number)),
        sum(g.transaction_count)::bigint,
        sum(g.row_count)::bigint
    from (
        select
            e.seal_id,
            e.group_number,
            sha256(
                coalesce(
                    string_agg(
                        xid8send(e.txid) || int8send(e.base_seal) || int4send(e.row_count)
                        || e.last_hash,
                        '' order by e.position
                    ),
                    ''
                )
            ) as group_hash,
            count(*) as transaction_count,
            sum(e.row_count) as row_count
        from (
            select
                t.*,
                row_number() over w as position,
                (row_number() over w - 1) / 128 as group_number
            from plumb.audit_transactions as t
            where t.seal_id between p_from_seal and p_to_seal
            window w as (partition by t.seal_id order by t.txid, t.base_seal)
        ) as e
        group by e.seal_id, e.group_number
    ) as g
    group by g.seal_id
$$;
comment on function plumb.members_digest(bigint, bigint) is
'The members_hash and the counts of seals, from their transactions; none for an empty seal.';
grant execute on function plumb.members_digest(bigint, bigint) to plumb_reader;
