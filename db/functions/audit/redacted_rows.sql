-- What the log says of the rows that were redacted; of one redacted twice, the newest word counts.
create or replace function plumb.redacted_rows()
returns table (txid xid8, n integer, base_seal bigint, remains text)
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select distinct on (r.item ->> 'txid', r.item ->> 'n', r.item ->> 'base_seal')
        (r.item ->> 'txid')::xid8,
        (r.item ->> 'n')::integer,
        (r.item ->> 'base_seal')::bigint,
        r.item ->> 'remains'
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
$$;
comment on function plumb.redacted_rows() is
'The rows that redactions list, each with the digest of what they left of it.';
