-- Lists a table with its partitions. A statement fires the triggers of the table it names, so each
-- partition has them too. The catalog is read without locking a partition, which another session
-- may hold locked.
create or replace function plumb.audit_members(p_relation regclass)
returns table (member regclass)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive members as (
        select p_relation::oid as member
        union
        select i.inhrelid
        from members as m
        inner join pg_class as c on c.oid = m.member and c.relkind = 'p'
        inner join pg_inherits as i on i.inhparent = m.member
    )

    select m.member::regclass
    from members as m
    where m.member is not null
    order by 1
$$;
comment on function plumb.audit_members(regclass) is 'A table and all its partitions.';
