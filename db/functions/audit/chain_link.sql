-- One step through the rows of a large statement; see plumb.chain_links.
create or replace function plumb.chain_link(p_state bytea, p_first bytea, p_link bytea)
returns bytea
language plpgsql
immutable
parallel safe
as $$
begin
    return sha256(coalesce(p_state, p_first) || p_link);
end;
$$;
comment on function plumb.chain_link(bytea, bytea, bytea) is 'One step of plumb.chain_links.';
