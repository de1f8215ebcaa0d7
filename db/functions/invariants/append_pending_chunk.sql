-- Appends the newest piece of a list of pending keys (c) or amounts (a) to those that were put
-- aside. Such a list lives in settings local to the transaction; a setting is copied whole to be
-- appended to, so its pieces stay short. The append itself stands in each trigger: a call for each
-- changed row would cost 4 microseconds.
create or replace function plumb.append_pending_chunk(p_prefix text, p_list text, p_items text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunks constant text
    := p_prefix || case p_list when 'a' then '.amount_chunks' else '.chunks' end;
    v_chunk constant integer
    := coalesce(nullif(current_setting(v_chunks, true), '')::integer, 0) + 1;
begin
    perform set_config(v_chunks, v_chunk::text, true);
    perform set_config(p_prefix || '.' || p_list || v_chunk, p_items, true);
end;
$$;
comment on function plumb.append_pending_chunk(text, text, text) is
'Put a piece of what a transaction has to be checked for aside, so that the next one stays short.';
revoke execute on function plumb.append_pending_chunk(text, text, text) from public;
