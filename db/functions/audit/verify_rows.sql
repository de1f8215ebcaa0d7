-- Verifies the rows of some transactions, each against its own hash, and what is left of a redacted
-- row against the redaction that left it. Who may drop NOT NULL could put nulls in here, and a
-- comparison with null is no finding: hence `is distinct from`.
create or replace function plumb.verify_rows(p_txids xid8[], p_base_seals bigint[])
returns table (
    kind text, txid xid8, base_seal bigint, n integer, relation text, expected text, actual text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with looked_at as (
        select
            l.*,
            plumb.row_digest(l) as row_digest,
            num_nulls(l.base_seal, l.txid, l.n, l.format, l.op, l.relation, l.actor, l.app_user) > 0
            as has_nulls,
            encode(
                plumb.payload_digest('', l.record_key, l.old_row, l.new_row), 'hex'
            ) as remains
        from (
            select l.*
            from unnest(p_txids, p_base_seals) as a (txid, base_seal)
            inner join plumb.audit_rows as l on l.txid = a.txid and l.base_seal = a.base_seal
            union all
            select l.*
            from plumb.audit_rows as l
            where
                num_nulls(l.txid, l.base_seal) > 0 and exists (
                    select from unnest(p_txids, p_base_seals) as a (txid, base_seal)
                    where num_nulls(a.txid, a.base_seal) > 0
                )
        ) as l
    )

    select
        'row_altered',
        l.txid,
        l.base_seal,
        l.n,
        l.relation::text,
        case when not l.has_nulls then encode(l.row_digest, 'hex') end,
        coalesce(encode(l.row_hash, 'hex'), 'none')
    from looked_at as l
    where
        (l.salt is null) = (l.payload_digest is null)
        or octet_length(l.salt) <> 32
        or l.has_nulls
        or l.row_digest is null
        or l.row_hash is distinct from l.row_digest
    union all
    select
        'redaction_altered',
        l.txid,
        l.base_seal,
        l.n,
        l.relation::text,
        coalesce(d.remains, 'a REDACT row that lists it'),
        l.remains
    from looked_at as l
    left join plumb.redacted_rows() as d
        on d.txid = l.txid and d.n = l.n and d.base_seal = l.base_seal
    where l.payload_digest is not null and d.remains is distinct from l.remains
$$;
comment on function plumb.verify_rows(xid8[], bigint[]) is
'Rows of these transactions that do not hash to their row_hash, or not to what their redaction
says.';
