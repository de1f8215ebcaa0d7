-- Returns the 32 bytes of a row among the salts or digests of its block; nothing where it has none.
-- Inlined.
create or replace function plumb.block_part(p_bytes bytea, p_row bigint)
returns bytea
language sql
immutable
parallel safe
as $$
    select case
        when p_row between 0 and octet_length(p_bytes) / 32
        then substr(p_bytes, 32 * p_row::integer + 1, 32)
        else ''::bytea
    end
$$;
comment on function plumb.block_part(bytea, bigint) is
'The 32 bytes of a row, counted from 0, among the salts or digests of a block.';
grant execute on function plumb.block_part(bytea, bigint) to plumb_auditor;
