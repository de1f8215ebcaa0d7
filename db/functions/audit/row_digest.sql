-- Returns the hash that a row of the log should have, from all that it states; of a redacted row
-- from the digest that it kept. Inlined like the two that it calls.
create or replace function plumb.row_digest(p_row plumb.audit_rows)
returns bytea
language sql
stable
parallel safe
as $$
    select sha256(
        p_row.prev_hash || plumb.link_bytes(
            coalesce(
                p_row.payload_digest,
                plumb.payload_digest(p_row.salt, p_row.record_key, p_row.old_row, p_row.new_row)
            ),
            p_row.occurred_at, p_row.format, p_row.base_seal, p_row.txid, p_row.n, p_row.op,
            p_row.relation, p_row.actor, p_row.app_user
        )
    )
$$;
comment on function plumb.row_digest(plumb.audit_rows) is
'The row_hash that follows from a row of the log; null where something that it covers is absent.';
grant execute on function plumb.row_digest(plumb.audit_rows) to plumb_auditor;
