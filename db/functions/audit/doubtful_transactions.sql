-- Lists the transactions of format 1 that a quick look does not confirm: one pass over the log, in
-- which every core hashes its share of the rows. What is confirmed here has no finding; what is not
-- may be altered, redacted, or just not sealed yet, and verify_rows() and verify_chains() say
-- which.
--
-- A chain is confirmed in one comparison. Each row adds the place and the hash that it points to
-- to one string, its own place and hash to the other: behind the seal that the chain starts from,
-- they must be the same. Gaps, doubles and nulls make them differ. A string must fit in memory,
-- so chains of more than a hundred thousand rows are looked at row by row.
--
-- Up to a seal, rows that its snapshot cannot have seen are left out by their number. Where numbers
-- began anew since (a restore), only the transactions that the seals list are read: one that no
-- seal lists is found when the whole log is verified.
--
-- Nulls count as doubt, hence `is true`. The settings keep each core's share in memory: compiling
-- takes longer than it saves, and the planner takes handing a row over for dearer than it is.
create or replace function plumb.doubtful_transactions(
    p_from_seal bigint, p_to_seal bigint default null
)
returns table (txid xid8, base_seal bigint)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
set parallel_tuple_cost = 0.01
as $$
declare
    v_newest constant bigint := (select max(s.seal_id) from plumb.seals as s where s.format = 1);
    -- Nothing of this format comes after its last seal: what no seal lists was added.
    v_scope text := plumb.audit_scope(least(p_from_seal - 1, v_newest));
begin
    if
        p_to_seal < v_newest
        and exists (
            select from plumb.seals as s
            where
                s.is_opening and s.format = 1 and s.seal_id > greatest(p_from_seal - 1, 0)
        )
    then
        v_scope := format(
            '(l.txid, l.base_seal) in ('
            'select t.txid, t.base_seal from plumb.audit_transactions as t'
            ' where t.seal_id between %s and %s)',
            p_from_seal,
            p_to_seal
        );
    elsif p_to_seal < v_newest then
        v_scope := v_scope || coalesce(
            (
                select format(' and l.txid < %L::xid8', min(pg_snapshot_xmax(s.snapshot)))
                from plumb.seals as s
                where s.seal_id = p_to_seal
                having count(*) = 1
            ),
            ''
        );
    end if;
    return query execute format(
        $sql$
        with hashed as (
            select
                l.txid, l.base_seal, l.n,
                int8send(l.n::bigint - 1) || l.prev_hash as link,
                int8send(l.n) || l.row_hash as hash,
                (
                    l.payload_digest is null
                    and octet_length(l.salt) = 32
                    and num_nulls(l.format, l.op, l.relation, l.actor, l.app_user) = 0
                    and l.row_hash = plumb.row_digest(l)
                ) is true as is_true
            from plumb.audit_rows as l
            where (%s or l.txid is null)
            order by l.txid, l.base_seal, l.n
            offset 0
        ),

        chains as (
            select
                h.txid, h.base_seal,
                count(*)::integer as row_count,
                bool_and(h.is_true) as is_true,
                string_agg(h.link, '') filter (where h.n <= 100000) as links,
                string_agg(h.hash, '') filter (where h.n <= 100000) as hashes
            from hashed as h
            group by h.txid, h.base_seal
        ),

        entries as (
            select t.*
            from plumb.audit_transactions as t
            where (t.seal_id between %s and %s or t.seal_id < 0) and t.base_seal >= (
                select coalesce(max(r.first_kept_seal), 0) from plumb.audit_retentions as r
            )
        )

        select distinct coalesce(c.txid, e.txid), coalesce(c.base_seal, e.base_seal)
        from chains as c
        full join entries as e on e.txid = c.txid and e.base_seal = c.base_seal
        left join plumb.seals as b on b.seal_id = c.base_seal
        where (
            c.is_true
            and c.links = int8send(0) || b.seal_hash || substr(c.hashes, 1, 40 * c.row_count - 40)
            and e.row_count = c.row_count
            and e.last_hash = substr(c.hashes, 40 * c.row_count - 31)
        ) is not true and not exists (
            select from plumb.audit_transactions as t
            where
                e.seal_id is null
                and t.txid = c.txid
                and t.base_seal = c.base_seal
                and t.seal_id >= 0
                and t.seal_id not between %s and %s
        )
        $sql$,
        v_scope,
        p_from_seal,
        coalesce(p_to_seal, 9223372036854775807),
        p_from_seal,
        coalesce(p_to_seal, 9223372036854775807)
    );
end;
$$;
comment on function plumb.doubtful_transactions(bigint, bigint) is
'Transactions that the seals of a range closed, or none yet, and that need an exact look.';
