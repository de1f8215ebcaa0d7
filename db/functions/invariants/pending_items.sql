-- Returns what plumb.tg_collect_keys() (c) or plumb.tg_collect_amounts() (a) collected, as a JSON
-- array; null when nothing is in it. In PL/pgSQL because every commit asks: its plan is kept, that
-- of an SQL function is made anew each time.
create or replace function plumb.pending_items(p_invariant text, p_list text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(p_invariant);
    v_items text := current_setting(v_prefix || '.' || p_list || '0', true);
    v_chunk_count constant integer := nullif(
        current_setting(
            v_prefix || case p_list when 'a' then '.amount_chunks' else '.chunks' end, true
        ),
        ''
    )::integer;
begin
    if v_chunk_count > 0 then
        select
            v_items
            || string_agg(current_setting(v_prefix || '.' || p_list || c.chunk), '')
        into v_items
        from generate_series(1, v_chunk_count) as c (chunk);
    end if;
    return ('[' || rtrim(nullif(v_items, ''), ',') || ']')::jsonb;
end;
$$;
comment on function plumb.pending_items(text, text) is
'What a transaction has to be checked for when it commits: its changed keys (c) or amounts (a).';
revoke execute on function plumb.pending_items(text, text) from public;
