-- Lists the blocks of some seals that do not give their link, or that were redacted, each with the
-- lines of it that do not give their digest. Every core hashes its share; the text of a block goes
-- on only where lines of it are doubtful. Whoever calls it looks at those closely.
--
-- It is a function of its own because what verify_lines() calls besides would keep all of it from
-- running in parallel, and PL/pgSQL because that sees the seals asked for when it plans.
create or replace function plumb.doubtful_blocks(p_seal_ids bigint[])
returns table (
    seal_id bigint,
    block_number integer,
    txid xid8,
    first_n integer,
    last_n bigint,
    row_count integer,
    block_hash bytea,
    link_hash bytea,
    computed_hash bytea,
    keys_digest text,
    doubtful_lines bigint[],
    lines text,
    salts bytea,
    digests bytea
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
set parallel_tuple_cost = 0
set parallel_setup_cost = 100
as $$
#variable_conflict use_column
begin
    return query
    select
        d.seal_id, d.block_number, d.txid, d.first_n,
        d.first_n::bigint + d.row_count - 1, d.row_count, d.block_hash, d.link_hash,
        (d.examined).computed_hash,
        encode(sha256(convert_to(d.keys::text, 'UTF8')), 'hex'),
        (d.examined).doubtful_lines,
        case when (d.examined).doubtful_lines is not null then d.lines end,
        case when (d.examined).doubtful_lines is not null then d.salts end,
        case when (d.examined).doubtful_lines is not null then d.digests end
    from (
        select b.*, plumb.examine_block(b) as examined
        from plumb.audit_blocks as b
        where b.seal_id = any(p_seal_ids)
        offset 0
    ) as d
    where (d.block_hash is null and d.link_hash = (d.examined).computed_hash) is not true;
end;
$$;
comment on function plumb.doubtful_blocks(bigint[]) is
'Blocks among these seals that are redacted or do not give their link, with their doubtful lines.';
