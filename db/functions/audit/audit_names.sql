-- Lists the names under which a table was logged: its own, and those it had before it was renamed,
-- each with its time. What stands under a name before and after is another table's. A rename locks
-- the table, so no row of one name is written in the time of the other.
create or replace function plumb.audit_names(p_relation text)
returns table (relation text, begins_at timestamptz, ends_at timestamptz)
language sql
stable
rows 1
set search_path = pg_catalog, pg_temp
as $$
    with recursive names as (
        select p_relation as relation, 'infinity'::timestamptz as ends_at
        union all
        select a.former_name, a.occurred_at
        from names as n
        cross join lateral (
            select l.new_row ->> 'formerly' as former_name, l.occurred_at
            from plumb.log_of('plumb.audited_tables', n.relation) as l
            where
                l.op = 'AUDIT'
                and l.new_row ? 'formerly'
                and l.occurred_at < n.ends_at
            order by l.occurred_at desc
            limit 1
        ) as a
    )

    select
        n.relation,
        coalesce(lead(n.ends_at) over (order by n.ends_at desc), '-infinity'),
        n.ends_at
    from names as n
$$;
comment on function plumb.audit_names(text) is
'The names that a table had in the log, from one moment until before another.';
grant execute on function plumb.audit_names(text) to plumb_auditor;
