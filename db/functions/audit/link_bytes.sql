-- Returns what a row adds to the chain: everything it states, its payload as a digest. The lengths
-- stand before the texts, so that no two rows give the same bytes. Inlined like payload_digest.
create or replace function plumb.link_bytes(
    p_payload_digest bytea,
    p_occurred_at timestamptz,
    p_format smallint,
    p_base_seal bigint,
    p_txid xid8,
    p_n integer,
    p_op text,
    p_relation text,
    p_actor text,
    p_app_user text
)
returns bytea
language sql
stable
parallel safe
as $$
    select p_payload_digest || timestamptz_send(p_occurred_at) || convert_to(
        pg_catalog.concat_ws(
            ' ',
            p_format,
            p_base_seal,
            p_txid,
            p_n,
            length(p_op),
            length(p_relation),
            length(p_actor),
            length(p_app_user),
            p_op,
            p_relation,
            p_actor,
            p_app_user
        ),
        'UTF8'
    )
$$;
comment on function plumb.link_bytes(
    bytea, timestamptz, smallint, bigint, xid8, integer, text, text, text, text
) is 'What is hashed after prev_hash to give row_hash; docs/audit.md states the bytes.';
grant execute on function plumb.link_bytes(
    bytea, timestamptz, smallint, bigint, xid8, integer, text, text, text, text
) to plumb_auditor;
