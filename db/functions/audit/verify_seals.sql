-- Verifies the seals of a range: each one's own hash, its link, its number, and the transactions it
-- states. What retention took away is not asked for again, but the cut must be in the log.
create or replace function plumb.verify_seals(p_from_seal bigint, p_to_seal bigint)
returns table (kind text, seal_id bigint, expected text, actual text)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with linked as (
        select
            s.seal_id,
            s.prev_hash,
            s.seal_hash,
            plumb.seal_digest(s.*) as digest,
            lag(s.seal_id) over w as before_id,
            lag(s.seal_hash) over w as before_hash
        from plumb.seals as s
        where s.seal_id between p_from_seal - 1 and p_to_seal
        window w as (order by s.seal_id, s.seal_hash)
    ),

    cut as (
        select coalesce(max(r.first_kept_seal), 0) as first_kept_seal
        from plumb.audit_retentions as r
    )

    select
        'seal_altered',
        l.seal_id,
        encode(l.digest, 'hex'),
        coalesce(encode(l.seal_hash, 'hex'), 'none')
    from linked as l
    where
        (l.digest is distinct from l.seal_hash or l.seal_hash is null)
        and l.seal_id >= p_from_seal
    union all
    select
        'seal_unlinked',
        l.seal_id,
        encode(l.before_hash, 'hex'),
        coalesce(encode(l.prev_hash, 'hex'), 'none')
    from linked as l
    where
        l.before_id = l.seal_id - 1
        and l.before_hash is not null
        and l.prev_hash is distinct from l.before_hash
    union all
    select 'seal_unlinked', l.seal_id, format('one seal %s', l.seal_id), 'another'
    from linked as l
    where l.before_id = l.seal_id and l.seal_id >= p_from_seal
    union all
    select 'seal_missing', g.seal_id, format('seal %s', g.seal_id), 'none'
    from linked as l
    cross join lateral generate_series(
        coalesce(l.before_id + 1, p_from_seal), l.seal_id - 1
    ) as g (seal_id)
    union all
    select 'seal_missing', 0, 'seal 0', 'none'
    where not exists (select from plumb.seals as s)
    union all
    select 'seal_missing', m.seal_id, format('seal %s', m.seal_id), 'none'
    from (
        select t.seal_id
        from plumb.audit_transactions as t
        where
            t.seal_id < 0
            or t.seal_id > (select coalesce(max(s.seal_id), 0) from plumb.seals as s)
        union
        select b.seal_id
        from plumb.audit_blocks as b
        where
            b.seal_id < 0
            or b.seal_id > (select coalesce(max(s.seal_id), 0) from plumb.seals as s)
        union
        select c.first_kept_seal
        from cut as c
        where c.first_kept_seal > (select coalesce(max(s.seal_id), 0) from plumb.seals as s)
    ) as m
    union all
    select
        'members_altered',
        s.seal_id,
        format(
            '%s rows in %s transactions, %s',
            s.row_count,
            s.transaction_count,
            encode(s.members_hash, 'hex')
        ),
        format(
            '%s rows in %s transactions, %s',
            coalesce(d.row_count, 0),
            coalesce(d.transaction_count, 0),
            encode(coalesce(d.members_hash, sha256('')), 'hex')
        )
    from plumb.seals as s
    left join plumb.members_digest(p_from_seal, p_to_seal) as d on d.seal_id = s.seal_id
    where
        s.seal_id between greatest(p_from_seal, (select c.first_kept_seal from cut as c))
        and p_to_seal
        and s.format = 1
        and (s.members_hash, s.transaction_count, s.row_count)
        is distinct from (
            coalesce(d.members_hash, sha256('')),
            coalesce(d.transaction_count, 0),
            coalesce(d.row_count, 0)
        )
    union all
    select
        'retention_incomplete',
        c.first_kept_seal,
        'nothing from before',
        format('%s rows, %s transactions', r.row_count, t.transaction_count)
    from cut as c
    cross join lateral (
        select
            (
                select count(*) from plumb.audit_rows as l
                where l.base_seal < c.first_kept_seal and c.first_kept_seal > 0
            ) + (
                select coalesce(sum(b.row_count), 0) from plumb.audit_blocks as b
                where b.seal_id < c.first_kept_seal and c.first_kept_seal > 0
            ) as row_count
    ) as r
    cross join lateral (
        select
            (
                select count(*) from plumb.audit_transactions as t
                where t.seal_id < c.first_kept_seal and c.first_kept_seal > 0
            ) + (
                select count(*) filter (where b.first_n = 1) from plumb.audit_blocks as b
                where b.seal_id < c.first_kept_seal and c.first_kept_seal > 0
            ) as transaction_count
    ) as t
    where r.row_count + t.transaction_count > 0
    union all
    select 'retention_unrecorded', c.first_kept_seal, 'a RETENTION row of the log', 'none'
    from cut as c
    where c.first_kept_seal > 0 and not exists (
        select from plumb.log_of('plumb.audit_log', null) as l
        where
            l.op = 'RETENTION'
            and l.new_row ->> 'first_kept_seal' = c.first_kept_seal::text
    )
$$;
comment on function plumb.verify_seals(bigint, bigint) is
'What is not as it was sealed among the seals of a range; no rows when all is.';
