-- A statement fires the triggers of the table it names, so each partition carries them too.
create or replace function plumb.audit_members(p_relation regclass)
returns table (member regclass)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select t.relid
    from pg_partition_tree(p_relation) as t
    union
    select p_relation
    order by 1
$$;
comment on function plumb.audit_members(regclass) is 'A table and all its partitions.';
