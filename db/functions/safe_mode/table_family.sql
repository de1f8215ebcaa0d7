-- Lists a table with all tables above and below it: partitions, their parents, inheriting tables.
create or replace function plumb.table_family(p_relation regclass)
returns table (relation regclass)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive family (relation) as (
        select p_relation::oid
        union
        select case i.inhparent when f.relation then i.inhrelid else i.inhparent end
        from family as f
        inner join pg_inherits as i on f.relation in (i.inhparent, i.inhrelid)
    )

    select f.relation::regclass
    from family as f
    inner join pg_class as c on c.oid = f.relation
    where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
    order by f.relation
$$;
comment on function plumb.table_family(regclass) is
'A table, its partitions, the tables it is a partition of, and those that inherit.';
grant execute on function plumb.table_family(regclass) to plumb_reader;
