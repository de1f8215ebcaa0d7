-- Redacts a key in rows of format 1: they keep the digest that they had and lose their salt.
-- Returns which were changed, with the digest of what remains of each.
create or replace function plumb.redact_rows(p_relation text, p_key text, p_columns text[])
returns jsonb
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with chosen as (
        select
            l.txid,
            case l.op when 'REKEY' then (l.new_row ->> 'n')::integer else l.n end as n,
            l.base_seal
        from plumb.audit_names(p_relation) as s
        inner join plumb.audit_rows as l on l.relation = s.relation and l.record_key = p_key
        where l.occurred_at >= s.begins_at and l.occurred_at < s.ends_at
    ),

    redacted as (
        update plumb.audit_rows as l
        set
            payload_digest = coalesce(
                l.payload_digest,
                plumb.payload_digest(l.salt, l.record_key, l.old_row, l.new_row)
            ),
            salt = null,
            record_key = case when p_columns is not null then l.record_key end,
            old_row = case when p_columns is not null then l.old_row - p_columns end,
            new_row = case when p_columns is not null then l.new_row - p_columns end
        from chosen as c
        where
            l.txid = c.txid
            and l.n = c.n
            and l.base_seal = c.base_seal
            and (
                p_columns is null
                or l.old_row ?| p_columns
                or l.new_row ?| p_columns
            )
        returning
            l.txid, l.n, l.base_seal, l.record_key, l.old_row, l.new_row
    )

    select coalesce(
        jsonb_agg(
            jsonb_build_object(
                'txid', r.txid::text,
                'n', r.n,
                'base_seal', r.base_seal,
                'remains', encode(
                    plumb.payload_digest('', r.record_key, r.old_row, r.new_row), 'hex'
                )
            )
            order by r.base_seal, r.txid, r.n
        ),
        '[]'
    )
    from redacted as r
$$;
comment on function plumb.redact_rows(text, text, text[]) is
'Erase columns (null: everything) from rows of format 1 of a key; returns what REDACT lists.';
