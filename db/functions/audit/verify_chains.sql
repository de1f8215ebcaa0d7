-- Verifies the rows of some transactions against each other, against the seal that each starts from
-- and against the seal that closed it.
create or replace function plumb.verify_chains(
    p_txids xid8[], p_base_seals bigint[], p_from_seal bigint, p_to_seal bigint
)
returns table (
    kind text,
    seal_id bigint,
    txid xid8,
    n integer,
    relation text,
    expected text,
    actual text
)
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    with asked as (
        select * from unnest(p_txids, p_base_seals) as u (txid, base_seal)
    ),

    linked as (
        select
            l.txid,
            l.base_seal,
            l.n,
            l.relation::text as relation,
            l.prev_hash,
            l.row_hash,
            greatest(lag(l.n, 1, 0) over w, 0) as before_n,
            lag(l.row_hash) over w as before_hash,
            lead(l.n) over w is null as is_last
        from asked as a
        inner join plumb.audit_rows as l on l.txid = a.txid and l.base_seal = a.base_seal
        where l.n is not null
        window w as (
            partition by l.txid, l.base_seal order by l.n, l.row_hash, l.prev_hash, l.relation
        )
    ),

    notable as (
        select l.*, b.seal_hash as base_hash, t.seal_id, t.row_count, t.last_hash
        from linked as l
        left join plumb.seals as b on l.n = 1 and b.seal_id = l.base_seal
        left join plumb.audit_transactions as t
            on t.txid = l.txid and t.base_seal = l.base_seal and t.seal_id is not null
        where
            l.is_last
            or greatest(l.n, 0) - 1 <> l.before_n
            or (l.before_hash is not null and l.prev_hash is distinct from l.before_hash)
            or (l.n = 1 and (l.prev_hash = b.seal_hash) is not true)
    )

    select f.kind, f.seal_id, l.txid, f.n, l.relation, f.expected, f.actual
    from notable as l
    cross join lateral (
        select 'row_missing', l.seal_id, l.before_n + 1, 'a row', 'none'
        where greatest(l.n, 1) - 1 > l.before_n
        union all
        select 'row_added', l.seal_id, l.n, 'n to begin with 1', l.n::text
        where l.n < 1
        union all
        select 'row_added', l.seal_id, l.n, format('one row %s', l.n), 'another'
        where l.n > 0 and l.n = l.before_n
        union all
        select
            'row_unlinked',
            l.seal_id,
            l.n,
            encode(l.before_hash, 'hex'),
            coalesce(encode(l.prev_hash, 'hex'), 'none')
        where
            l.n > 1
            and l.before_n = greatest(l.n, 1) - 1
            and l.before_hash is not null
            and l.prev_hash is distinct from l.before_hash
        union all
        select
            'row_unlinked',
            l.seal_id,
            l.n,
            coalesce(encode(l.base_hash, 'hex'), format('seal %s', l.base_seal)),
            coalesce(encode(l.prev_hash, 'hex'), 'none')
        where
            l.n = 1
            and l.before_n = 0
            and case
                when l.base_hash is not null then l.prev_hash is distinct from l.base_hash
                else l.base_seal not between 0 and (
                    select coalesce(max(s.seal_id), -1) from plumb.seals as s
                )
            end
        union all
        select 'row_missing', l.seal_id, l.n + 1, format('%s rows', l.row_count), l.n::text
        where l.is_last and l.n < l.row_count
        union all
        select 'row_added', l.seal_id, a.n, format('%s rows', l.row_count), format('row %s', a.n)
        from plumb.audit_rows as a
        where
            l.is_last
            and l.n > l.row_count
            and a.txid = l.txid
            and a.base_seal = l.base_seal
            and a.n > l.row_count
        union all
        select
            'transaction_altered',
            l.seal_id,
            l.n,
            encode(l.last_hash, 'hex'),
            coalesce(encode(l.row_hash, 'hex'), 'none')
        where l.is_last and l.n = l.row_count and l.row_hash is distinct from l.last_hash
        union all
        select 'transaction_added', s.seal_id, null, 'no such transaction', format('%s rows', l.n)
        from (
            select min(s.seal_id) as seal_id
            from plumb.seals as s
            where
                l.is_last
                and l.seal_id is null
                and s.seal_id > l.base_seal
                and s.seal_id <= p_to_seal
                and (
                    s.format > 1
                    or pg_visible_in_snapshot(l.txid, s.snapshot)
                    or l.txid = any(s.adopted)
                )
        ) as s
        where s.seal_id is not null
    ) as f (kind, seal_id, n, expected, actual)
    union all
    select
        'transaction_missing',
        t.seal_id,
        t.txid,
        null,
        null,
        format('%s rows', t.row_count),
        'none'
    from asked as a
    inner join plumb.audit_transactions as t
        on
            t.txid = a.txid
            and t.base_seal = a.base_seal
            and (t.seal_id < 0 or t.seal_id >= p_from_seal)
    where not exists (
        select from plumb.audit_rows as l
        where l.txid = t.txid and l.base_seal = t.base_seal
    )
$$;
comment on function plumb.verify_chains(xid8[], bigint[], bigint, bigint) is
'Rows and transactions missing, added or unlinked among these transactions.';
