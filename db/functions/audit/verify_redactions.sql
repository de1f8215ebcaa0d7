-- What is left of a redacted row is covered by the redaction that left it, not by its own hash.
create or replace function plumb.verify_redactions()
returns table (
    kind text, txid xid8, base_seal bigint, n integer, relation text, expected text, actual text
)
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    with listed as (
        select distinct on (r.item ->> 'txid', r.item ->> 'n', r.item ->> 'base_seal')
            (r.item ->> 'txid')::xid8 as txid,
            (r.item ->> 'n')::integer as n,
            (r.item ->> 'base_seal')::bigint as base_seal,
            r.item ->> 'remains' as remains
        from plumb.audit_log as l
        cross join lateral jsonb_array_elements(l.new_row -> 'rows') as r (item)
        where l.relation = 'plumb.audit_log' and l.op = 'REDACT'
        order by
            r.item ->> 'txid',
            r.item ->> 'n',
            r.item ->> 'base_seal',
            l.base_seal desc,
            l.txid desc,
            l.n desc
    )

    select
        'redaction_altered',
        l.txid,
        l.base_seal,
        l.n,
        l.relation,
        coalesce(d.remains, 'a REDACT row that lists it'),
        encode(plumb.payload_digest('', l.record_key, l.old_row, l.new_row), 'hex')
    from plumb.audit_log as l
    left join listed as d on d.txid = l.txid and d.n = l.n and d.base_seal = l.base_seal
    where
        l.payload_digest is not null
        and d.remains is distinct from encode(
            plumb.payload_digest('', l.record_key, l.old_row, l.new_row), 'hex'
        )
$$;
comment on function plumb.verify_redactions() is
'Redacted rows that no redaction lists, or whose remains it does not describe.';
