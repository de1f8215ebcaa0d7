-- Lists the seals of a range that a quick look does not confirm: one pass over the blocks, in which
-- every core hashes its share. A seal is confirmed in one comparison: the links that its blocks
-- start from, and then its members_hash, must be the seal before and the blocks' own links. Gaps,
-- doubles and nulls make them differ. Blocks with redacted rows always need the exact look.
--
-- PL/pgSQL plans it for the range that is asked for: a plan for any range expects few blocks, and
-- leaves the other cores idle.
create or replace function plumb.doubtful_seals(p_from_seal bigint, p_to_seal bigint)
returns table (seal_id bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
set work_mem = '64MB'
set parallel_tuple_cost = 0
set parallel_setup_cost = 100
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
begin
    return query
    with hashed as (
        select
            b.seal_id, b.block_number, b.first_n, b.row_count, b.prev_hash, b.link_hash,
            (b.block_hash is null and b.link_hash = plumb.link_digest(b)) is true as is_true
        from plumb.audit_blocks as b
        where b.seal_id between p_from_seal and p_to_seal
        order by b.seal_id, b.block_number
        offset 0
    ),

    chains as (
        select
            h.seal_id,
            count(*) as block_count,
            count(*) filter (where h.first_n = 1) as transaction_count,
            sum(h.row_count) as row_count,
            min(h.block_number) as first_number,
            max(h.block_number) as last_number,
            bool_and(h.is_true) as is_true,
            string_agg(h.prev_hash, '') as prev_hashes,
            string_agg(h.link_hash, '') as link_hashes
        from hashed as h
        group by h.seal_id
    )

    select coalesce(s.seal_id, c.seal_id)
    from (
        select s.* from plumb.seals as s
        where s.format > 1 and s.seal_id between p_from_seal and p_to_seal
    ) as s
    full join chains as c on c.seal_id = s.seal_id
    where case
        when c.seal_id is null
        then
            (s.block_count, s.transaction_count, s.row_count) = (0, 0, 0)
            and s.members_hash = sha256('')
        else
            c.is_true
            and c.first_number = 1
            and c.last_number = c.block_count
            and (c.block_count, c.transaction_count, c.row_count)
            = (s.block_count, s.transaction_count, s.row_count)
            and c.prev_hashes || s.members_hash = s.prev_hash || c.link_hashes
    end is not true;
end;
$$;
comment on function plumb.doubtful_seals(bigint, bigint) is
'Seals of a range, of format 2, whose blocks need an exact look.';
