-- Returns the hash of a block as it was written, which its link covers: of its keys, salts and
-- lines; once rows of it were redacted, the hash that it kept. Inlined.
create or replace function plumb.block_digest(
    p_block_hash bytea, p_keys integer[], p_salts bytea, p_lines text
)
returns bytea
language sql
stable
parallel safe
as $$
    select coalesce(
        p_block_hash,
        sha256(convert_to(p_keys::text, 'UTF8') || p_salts || convert_to(p_lines, 'UTF8'))
    )
$$;
comment on function plumb.block_digest(bytea, integer[], bytea, text) is
'The hash of what a block holds; docs/audit.md states the bytes.';
grant execute on function plumb.block_digest(bytea, integer[], bytea, text) to plumb_auditor;
