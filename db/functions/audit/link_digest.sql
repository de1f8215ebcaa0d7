-- Returns the link_hash that a block should have: over the link before it, its place, what it holds
-- and the digests of its rows. So a block that nobody touched is verified by one hash of its text,
-- and one with redacted rows by the digests. Inlined.
create or replace function plumb.link_digest(p_block plumb.audit_blocks)
returns bytea
language sql
stable
parallel safe
as $$
    select sha256(
        (p_block).prev_hash
        || int2send((p_block).format)
        || int8send((p_block).seal_id)
        || int4send((p_block).block_number)
        || xid8send((p_block).txid)
        || int4send((p_block).first_n)
        || int4send((p_block).row_count)
        || plumb.block_digest(
            (p_block).block_hash, (p_block).keys, (p_block).salts, (p_block).lines
        )
        || sha256((p_block).digests)
    )
$$;
comment on function plumb.link_digest(plumb.audit_blocks) is
'The link_hash that follows from a block; null where something that it covers is absent.';
grant execute on function plumb.link_digest(plumb.audit_blocks) to plumb_auditor;
