-- The chain through the rows of one large statement, as a running aggregate: the only way to
-- compute it inside one INSERT … SELECT.
create or replace aggregate plumb.chain_links(bytea, bytea) ( -- noqa: LT01
    sfunc = plumb.chain_link,
    stype = bytea,
    parallel = safe
);
comment on aggregate plumb.chain_links(bytea, bytea) is -- noqa: LT01
'chain_links(first_prev_hash, link_bytes) over (rows unbounded preceding): prev_hash || row_hash.';
