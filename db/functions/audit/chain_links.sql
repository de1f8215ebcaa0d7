-- The chain through the rows of one large statement, as a running aggregate: the only way to
-- compute it inside one INSERT … SELECT.
create or replace function plumb._chain_link(p_state bytea, p_first bytea, p_link bytea)
returns bytea
language plpgsql
immutable
parallel safe
as $$
begin
    return sha256(coalesce(p_state, p_first) || p_link);
end;
$$;
comment on function plumb._chain_link(bytea, bytea, bytea) is 'One step of plumb.chain_links.';

create or replace aggregate plumb.chain_links(bytea, bytea) (
    sfunc = plumb._chain_link,
    stype = bytea,
    parallel = safe
);
comment on aggregate plumb.chain_links(bytea, bytea) is
'chain_links(first_prev_hash, link_bytes) over (rows unbounded preceding): each row''s row_hash.';
