-- Each row of the log against its own hash, and what is left of a redacted row against the
-- redaction that left it. Nothing is compared with its neighbours here, so PostgreSQL may read the
-- table in parallel and only what is wrong or redacted leaves the scan: the condition is an
-- equality so that the planner expects few rows, and thinks that gathering them is cheap. Who may
-- drop NOT NULL could put nulls in here, and a comparison with null is no finding: hence
-- `is distinct from`.
create or replace function plumb.verify_rows(p_scope text)
returns table (
    kind text, txid xid8, base_seal bigint, n integer, relation text, expected text, actual text
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    return query execute format(
        $sql$
        with notable as (
            select
                l.*,
                sha256(
                    l.prev_hash || plumb.link_bytes(
                        coalesce(
                            l.payload_digest,
                            plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row)
                        ),
                        l.occurred_at, l.format, l.base_seal, l.txid, l.n, l.op, l.relation,
                        l.actor, l.app_user
                    )
                ) as row_digest,
                num_nulls(l.format, l.op, l.relation, l.actor, l.app_user) > 0 as has_nulls,
                encode(
                    plumb.payload_digest('', l.record_key, l.old_row, l.new_row), 'hex'
                ) as remains
            from plumb.audit_log as l
            where %s and coalesce(
                l.payload_digest is not null
                or octet_length(l.salt) is distinct from 32
                or num_nulls(l.format, l.op, l.relation, l.actor, l.app_user) > 0
                or l.row_hash is distinct from sha256(
                    l.prev_hash || plumb.link_bytes(
                        plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row),
                        l.occurred_at, l.format, l.base_seal, l.txid, l.n, l.op, l.relation,
                        l.actor, l.app_user
                    )
                ),
                false
            )::integer = 1
        )

        select
            'row_altered', l.txid, l.base_seal, l.n, l.relation::text,
            case when not l.has_nulls then encode(l.row_digest, 'hex') end,
            coalesce(encode(l.row_hash, 'hex'), 'none')
        from notable as l
        where
            (l.salt is null) = (l.payload_digest is null)
            or octet_length(l.salt) <> 32
            or l.has_nulls
            or l.row_hash is distinct from l.row_digest
        union all
        select
            'redaction_altered', l.txid, l.base_seal, l.n, l.relation::text,
            coalesce(d.remains, 'a REDACT row that lists it'), l.remains
        from notable as l
        left join plumb.redacted_rows() as d
            on d.txid = l.txid and d.n = l.n and d.base_seal = l.base_seal
        where l.payload_digest is not null and d.remains is distinct from l.remains
        $sql$,
        p_scope
    );
end;
$$;
comment on function plumb.verify_rows(text) is
'Rows of the log that do not hash to their row_hash, or not to what their redaction says; p_scope
is a condition on alias l.';
