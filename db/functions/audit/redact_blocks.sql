-- Redacts a key in blocks of format 2: the line of each row of the key is written anew without what
-- is erased, its salt becomes zeros, and its block keeps the hash that it had. Returns which rows
-- were changed, with the digest of what remains of each, and which blocks, with the digest of their
-- keys.
create or replace function plumb.redact_blocks(
    p_relation text, p_key text, p_columns text[], out row_items jsonb, out block_items jsonb
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
set "TimeZone" = 'UTC'
as $$
declare
    v_block plumb.audit_blocks;
    v_line record;
    v_lines text [];
    v_is_changed boolean;
begin
    row_items := '[]';
    block_items := '[]';
    for v_block in
        select b.*
        from plumb.audit_blocks as b
        where b.keys && array(
            select plumb.key_number(s.relation, p_key) from plumb.audit_names(p_relation) as s
        )
        order by b.seal_id, b.block_number
    loop
        v_lines := string_to_array(v_block.lines, e'\n');
        v_is_changed := false;
        for v_line in
            select l.n, l.line_number
            from plumb.audit_names(p_relation) as s
            inner join plumb.block_lines(v_block.lines) with ordinality as l (
                n, log_position, occurred_at, op, relation, record_key, new_key, actor, app_user,
                old_row, new_row, line_number
            ) on l.relation = s.relation
            where
                l.occurred_at >= s.begins_at
                and l.occurred_at < s.ends_at
                and (l.record_key = p_key or l.new_key = p_key)
                and (p_columns is null or l.old_row ?| p_columns or l.new_row ?| p_columns)
            order by l.line_number
        loop
            v_is_changed := true;
            v_lines[v_line.line_number] := plumb.redact_line(
                v_lines[v_line.line_number]::jsonb, p_columns
            )::text;
            row_items := row_items || jsonb_build_object(
                'txid', v_block.txid::text,
                'n', v_line.n,
                'base_seal', v_block.seal_id - 1,
                'remains', encode(
                    sha256(convert_to(v_lines[v_line.line_number], 'UTF8')), 'hex'
                )
            );
            v_block.block_hash := plumb.block_digest(
                v_block.block_hash, v_block.keys, v_block.salts, v_block.lines
            );
            v_block.salts := overlay(
                v_block.salts placing decode(repeat('00', 32), 'hex')
                from 32 * (v_line.n - v_block.first_n) + 1
            );
        end loop;
        if v_is_changed then
            v_block.lines := array_to_string(v_lines, e'\n');
            v_block.keys := plumb.block_keys(v_block.lines);
            update plumb.audit_blocks as b
            set
                keys = v_block.keys,
                lines = v_block.lines,
                salts = v_block.salts,
                block_hash = v_block.block_hash
            where b.seal_id = v_block.seal_id and b.block_number = v_block.block_number;
            block_items := block_items || jsonb_build_object(
                'seal', v_block.seal_id,
                'block', v_block.block_number,
                'keys', encode(sha256(convert_to(v_block.keys::text, 'UTF8')), 'hex')
            );
        end if;
    end loop;
end;
$$;
comment on function plumb.redact_blocks(text, text, text[]) is
'Erase columns (null: everything) from the blocks'' rows of a key; returns what REDACT lists.';
