-- Counts indexes that are equal to another one: both cost every write, and one is enough.
create or replace function plumb.check_duplicate_indexes()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'duplicate_indexes',
        coalesce(sum(d.count - 1), 0),
        'indexes',
        coalesce(string_agg(d.names, '; ' order by d.names), 'none'),
        'Drop one of each group; keep the one a constraint needs.'
    )
    from (
        select
            count(*) as count,
            string_agg(i.indexrelid::regclass::text, ' = ' order by i.indexrelid) as names
        from pg_index as i
        inner join pg_class as c on c.oid = i.indexrelid
        where i.indrelid >= 16384
        group by
            i.indrelid,
            c.relam,
            i.indkey,
            -- What is only included does not order.
            i.indnkeyatts,
            i.indclass,
            i.indcollation,
            i.indoption,
            i.indisunique,
            pg_get_expr(i.indexprs, i.indrelid),
            pg_get_expr(i.indpred, i.indrelid)
        having count(*) > 1
    ) as d
$$;
comment on function plumb.check_duplicate_indexes() is 'Number of indexes that equal another one.';
grant execute on function plumb.check_duplicate_indexes() to plumb_reader;
