-- One step through the rows of a large statement; see plumb.chain_links. The state is the hash
-- before and the hash of the row, which are both stored with it.
create or replace function plumb.chain_link(p_state bytea, p_first bytea, p_link bytea)
returns bytea
language plpgsql
immutable
parallel safe
as $$
declare
    v_prev_hash constant bytea := coalesce(substr(p_state, 33), p_first);
begin
    return v_prev_hash || sha256(v_prev_hash || p_link);
end;
$$;
comment on function plumb.chain_link(bytea, bytea, bytea) is 'One step of plumb.chain_links.';
