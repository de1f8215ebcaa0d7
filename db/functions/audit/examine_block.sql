-- Examines a block that may not be what was written: the link that follows from it and, where that
-- is not its own or rows of it were redacted, the lines that do not give the digest that was taken
-- of them. Lines that are not numbered as they were written all deserve a look: then it says 0.
--
-- It is a function of its own because PostgreSQL hands a subquery that refers to an outer row to
-- no other core.
create or replace function plumb.examine_block(
    p_block plumb.audit_blocks, out computed_hash bytea, out doubtful_lines bigint[]
)
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    c_no_salt constant bytea := decode(repeat('00', 32), 'hex');
    v_salts constant bytea := p_block.salts || '';
    v_digests constant bytea := p_block.digests || '';
begin
    computed_hash := plumb.link_digest(p_block);
    if p_block.block_hash is null and p_block.link_hash = computed_hash then
        return;
    end if;
    select case
        when
            count(*) = p_block.row_count
            and octet_length(v_salts) = 32 * p_block.row_count
            and octet_length(v_digests) = 32 * p_block.row_count
            and bool_and(
                starts_with(
                    l.line, '{"n": ' || (p_block.first_n::bigint + l.line_number - 1) || ', '
                )
            )
        then
            array_agg(l.line_number) filter (
                where
                sha256(
                    substr(v_salts, 32 * l.line_number::integer - 31, 32)
                    || convert_to(l.line, 'UTF8')
                ) <> substr(v_digests, 32 * l.line_number::integer - 31, 32)
                or substr(v_salts, 32 * l.line_number::integer - 31, 32) = c_no_salt
            )
        else '{0}'
    end
    into doubtful_lines
    from string_to_table(p_block.lines, e'\n') with ordinality as l (line, line_number);
end;
$$;
comment on function plumb.examine_block(plumb.audit_blocks) is
'The link that follows from a block, and where it is not its own the numbers of doubtful lines.';
