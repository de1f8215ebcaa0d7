-- Returns what the log says of the rows that were redacted; of one redacted twice, the newest word
-- counts. An item that redaction never writes names no row: it must not stop whoever verifies the
-- log.
create or replace function plumb.redacted_rows()
returns table (txid xid8, n integer, base_seal bigint, remains text)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select distinct on (r.item ->> 'txid', r.item ->> 'n', r.item ->> 'base_seal')
        (r.item ->> 'txid')::xid8,
        (r.item ->> 'n')::integer,
        (r.item ->> 'base_seal')::bigint,
        r.item ->> 'remains'
    from plumb.log_of('plumb.audit_log', null) as l
    cross join lateral jsonb_array_elements(
        case jsonb_typeof(l.new_row -> 'rows') when 'array' then l.new_row -> 'rows' end
    ) as r (item)
    where
        l.op = 'REDACT'
        and r.item ->> 'txid' ~ '^[0-9]{1,18}$'
        and r.item ->> 'n' ~ '^[0-9]{1,9}$'
        and r.item ->> 'base_seal' ~ '^[0-9]{1,18}$'
        and r.item ->> 'remains' ~ '^[0-9a-f]{64}$'
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
