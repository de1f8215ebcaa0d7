-- Lists the parts in which a range of seals is verified: each of about a fiftieth of the rows, but
-- of half a million at least, for a small part leaves cores idle. They follow each other without a
-- gap whatever the seals state, so that a block is read although its seal was edited or deleted.
create or replace function plumb.verification_parts(p_from_seal bigint, p_to_seal bigint)
returns table (first_seal bigint, last_seal bigint, rows_before numeric, row_count numeric)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with counted as (
        select
            s.seal_id,
            sum(s.row_count) over (order by s.seal_id rows unbounded preceding)
            - s.row_count as rows_before,
            sum(s.row_count) over () as row_count
        from plumb.seals as s
        where s.seal_id between p_from_seal and p_to_seal and s.format > 1
    ),

    ended as (
        select
            max(c.seal_id) as seal_id,
            min(c.rows_before) as rows_before,
            max(c.row_count) as row_count
        from counted as c
        group by div(c.rows_before, greatest(500000, c.row_count / 50))
        union all
        select p_to_seal, 0, 0
        where not exists (select from counted as c)
    )

    select
        coalesce(lag(e.seal_id) over w + 1, p_from_seal),
        case when lead(e.seal_id) over w is null then p_to_seal else e.seal_id end,
        e.rows_before,
        e.row_count
    from ended as e
    window w as (order by e.seal_id)
$$;
comment on function plumb.verification_parts(bigint, bigint) is
'Parts in which these seals are verified: first and last seal, rows before it, rows in all.';
