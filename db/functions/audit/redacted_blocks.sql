-- Returns what the log says of the keys of blocks with redacted rows; the newest word counts. An
-- item that redaction never writes names no block: it must not stop whoever verifies the log.
create or replace function plumb.redacted_blocks()
returns table (seal_id bigint, block_number integer, keys text)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select distinct on (b.item ->> 'seal', b.item ->> 'block')
        (b.item ->> 'seal')::bigint,
        (b.item ->> 'block')::integer,
        b.item ->> 'keys'
    from plumb.log_of('plumb.audit_log', null) as l
    cross join lateral jsonb_array_elements(
        case jsonb_typeof(l.new_row -> 'blocks') when 'array' then l.new_row -> 'blocks' end
    ) as b (item)
    where
        l.op = 'REDACT'
        and b.item ->> 'seal' ~ '^[0-9]{1,18}$'
        and b.item ->> 'block' ~ '^[0-9]{1,9}$'
        and b.item ->> 'keys' ~ '^[0-9a-f]{64}$'
    order by b.item ->> 'seal', b.item ->> 'block', l.base_seal desc, l.txid desc, l.n desc
$$;
comment on function plumb.redacted_blocks() is
'The blocks that redactions list, each with the digest of the keys that they left.';
