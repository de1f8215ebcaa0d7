-- Verifies the blocks of some seals that do not give their link, or that were redacted, row by row:
-- each line against the digest that was taken of it, and what is left of a redacted row against the
-- redaction that left it. A block in which no row can be named is named itself.
--
-- Joins by hash are off, because the planner cannot know how few lines there are.
create or replace function plumb.verify_lines(p_seal_ids bigint[])
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
set enable_hashjoin = off
set work_mem = '64MB'
as $$
    with blocks as materialized (
        select b.*, 0 <> all(b.doubtful_lines) as is_numbered, b.ordinality as place
        from plumb.doubtful_blocks(p_seal_ids) with ordinality as b
    ),

    lined as (
        select
            d.place,
            l.line,
            l.line_number,
            coalesce(
                substring(l.line from '^{"n": ([0-9]{1,9}), ')::bigint,
                d.first_n::bigint + l.line_number - 1
            ) as n
        from blocks as d
        cross join lateral string_to_table(d.lines, e'\n') with ordinality as l (line, line_number)
        where l.line_number = any(d.doubtful_lines) or not d.is_numbered
    ),

    placed as (
        select
            d.place,
            l.n,
            l.line,
            l.line_number,
            d.is_numbered,
            (d.row_count is not null and l.n between d.first_n and d.last_n) is true as is_inside,
            row_number() over (partition by d.place, l.n order by l.line_number) as number
        from lined as l
        inner join blocks as d on d.place = l.place
    ),

    checked as (
        select
            p.*,
            s.salt,
            s.digest,
            s.salt = decode(repeat('00', 32), 'hex') as is_redacted,
            encode(sha256(s.salt || convert_to(p.line, 'UTF8')), 'hex') as computed,
            encode(sha256(convert_to(p.line, 'UTF8')), 'hex') as remains
        from placed as p
        inner join blocks as d on d.place = p.place
        cross join lateral (
            select
                plumb.block_part(coalesce(d.salts, ''), p.n - d.first_n) as salt,
                plumb.block_part(coalesce(d.digests, ''), p.n - d.first_n) as digest
        ) as s
    ),

    present as (
        select
            p.place,
            p.n,
            lag(p.n) over w as before_n,
            lead(p.n) over w is null as is_last
        from placed as p
        where p.is_inside and p.number = 1 and not p.is_numbered
        window w as (partition by p.place order by p.n)
    ),

    found as (
        select 'row_added' as kind, c.place, c.n, c.line,
            format('rows %s to %s', d.first_n, d.last_n) as expected,
            format('row %s', c.n) as actual
        from checked as c
        inner join blocks as d on d.place = c.place
        where not c.is_inside
        union all
        select 'row_added', c.place, c.n, c.line, format('one row %s', c.n), 'another'
        from checked as c
        where c.is_inside and c.number > 1
        union all
        select 'row_altered', c.place, c.n, c.line, c.computed,
            coalesce(nullif(encode(c.digest, 'hex'), ''), 'none')
        from checked as c
        where
            c.is_inside
            and c.number = 1
            and c.is_redacted is not true
            and (
                octet_length(c.salt) is distinct from 32
                or c.computed is distinct from encode(c.digest, 'hex')
            )
        union all
        select 'row_missing', p.place, coalesce(p.before_n + 1, d.first_n), null, 'a row', 'none'
        from present as p
        inner join blocks as d on d.place = p.place
        where p.n > coalesce(p.before_n + 1, d.first_n)
        union all
        select 'row_missing', p.place, p.n + 1, null, 'a row', 'none'
        from present as p
        inner join blocks as d on d.place = p.place
        where p.is_last and p.n < d.last_n
        union all
        select 'row_missing', d.place, d.first_n, null, 'a row', 'none'
        from blocks as d
        where
            d.first_n is not null
            and d.row_count > 0
            and not d.is_numbered
            and not exists (select from present as p where p.place = d.place)
    )

    select
        f.kind, d.seal_id, d.txid, (f.n - greatest(f.n - 2147483647, 0))::integer,
        plumb.line_relation(f.line), f.expected, f.actual
    from found as f
    inner join blocks as d on d.place = f.place
    union all
    select
        'redaction_altered', d.seal_id, d.txid, (c.n - greatest(c.n - 2147483647, 0))::integer,
        plumb.line_relation(c.line),
        coalesce(r.remains, 'a REDACT row that lists it'), c.remains
    from checked as c
    inner join blocks as d on d.place = c.place
    left join plumb.redacted_rows() as r
        on r.txid = d.txid and r.n = c.n and r.base_seal = d.seal_id - 1
    where
        c.is_inside and c.number = 1 and c.is_redacted and r.remains is distinct from c.remains
    union all
    select
        'redaction_altered', d.seal_id, d.txid, null, null,
        coalesce(r.keys, 'a REDACT row that lists the block'), d.keys_digest
    from blocks as d
    left join plumb.redacted_blocks() as r
        on r.seal_id = d.seal_id and r.block_number = d.block_number
    where
        d.block_hash is not null and (r.keys is null or r.keys is distinct from d.keys_digest)
    union all
    select
        'block_altered', d.seal_id, d.txid, d.first_n, null, encode(d.computed_hash, 'hex'),
        coalesce(encode(d.link_hash, 'hex'), 'none')
    from blocks as d
    where
        (d.computed_hash is null or d.link_hash is distinct from d.computed_hash)
        and not exists (select from found as f where f.place = d.place)
$$;
comment on function plumb.verify_lines(bigint[]) is
'Rows altered, missing, added or redacted among the blocks of these seals.';
