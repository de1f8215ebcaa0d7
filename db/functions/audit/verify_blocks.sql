-- Verifies the blocks of some seals against each other and against their seal: numbers, links and
-- sums.
create or replace function plumb.verify_blocks(p_seal_ids bigint[])
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
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with linked as (
        select
            b.seal_id, b.block_number::bigint as block_number, b.txid, b.first_n, b.row_count,
            b.prev_hash, b.link_hash,
            lag(b.block_number::bigint) over w as before_number,
            lag(b.link_hash) over w as before_hash,
            lead(b.block_number) over w is null as is_last,
            s.seal_id is not null as has_seal,
            s.prev_hash as seal_prev_hash,
            coalesce(s.block_count, 0) as block_count
        from plumb.audit_blocks as b
        left join plumb.seals as s on s.seal_id = b.seal_id
        where b.seal_id = any(p_seal_ids) and b.block_number is not null
        window w as (partition by b.seal_id order by b.block_number, b.link_hash)
    ),

    numbered as (
        select f.kind, f.seal_id, f.txid, f.n, f.expected, f.actual
        from linked as l
        cross join lateral (
            select
                'block_missing', l.seal_id, null::xid8, null::integer,
                plumb.count_blocks(greatest(l.before_number, 0) + 1, l.block_number - 1), 'none'
            where l.block_number > greatest(l.before_number, 0) + 1
            union all
            select
                'block_missing', l.seal_id, null, null,
                plumb.count_blocks(greatest(l.block_number, 0) + 1, l.block_count), 'none'
            where l.is_last and l.block_number < l.block_count
            union all
            select
                'block_added', l.seal_id, l.txid, l.first_n, 'block 1 to begin with',
                format('block %s', l.block_number)
            where l.block_number < 1
            union all
            select
                'block_added', l.seal_id, l.txid, l.first_n, format('one block %s', l.block_number),
                'another'
            where l.block_number > 0 and l.block_number = l.before_number
            union all
            select
                'block_added', l.seal_id, l.txid, l.first_n, format('%s blocks', l.block_count),
                format('block %s', l.block_number)
            where l.has_seal and l.block_number > l.block_count
        ) as f (kind, seal_id, txid, n, expected, actual)
        union all
        select
            'block_missing', s.seal_id, null, null, plumb.count_blocks(1, s.block_count), 'none'
        from plumb.seals as s
        where
            s.seal_id = any(p_seal_ids)
            and s.block_count > 0
            and not exists (select from linked as l where l.seal_id = s.seal_id)
    )

    select m.kind, m.seal_id, m.txid, m.n, null, m.expected, m.actual
    from numbered as m
    union all
    select
        'block_unlinked', l.seal_id, l.txid, l.first_n, null, encode(e.hash, 'hex'),
        coalesce(encode(l.prev_hash, 'hex'), 'none')
    from linked as l
    cross join lateral (
        select case
            when l.block_number = 1 then l.seal_prev_hash
            when l.block_number = l.before_number + 1 then l.before_hash
        end as hash
    ) as e
    where e.hash is not null and l.prev_hash is distinct from e.hash
    union all
    select
        'members_altered', s.seal_id, null, null, null,
        format(
            '%s rows in %s transactions, %s',
            s.row_count, s.transaction_count, encode(s.members_hash, 'hex')
        ),
        format(
            '%s rows in %s transactions, %s',
            c.row_count, c.transaction_count,
            coalesce(encode(c.last_hash, 'hex'), '')
        )
    from plumb.seals as s
    cross join lateral (
        select
            coalesce(sum(l.row_count), 0) as row_count,
            count(*) filter (where l.first_n = 1) as transaction_count,
            case
                when count(*) = 0 then sha256('')
                else (array_agg(l.link_hash) filter (where l.is_last))[1]
            end as last_hash
        from linked as l
        where l.seal_id = s.seal_id
    ) as c
    where
        s.seal_id = any(p_seal_ids)
        and s.format > 1
        and not exists (select from numbered as m where m.seal_id = s.seal_id)
        and (s.members_hash, s.transaction_count, s.row_count)
        is distinct from (c.last_hash, c.transaction_count, c.row_count)
$$;
comment on function plumb.verify_blocks(bigint[]) is
'Blocks missing, added or unlinked among these seals, and seals that state other ones.';
