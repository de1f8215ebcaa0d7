-- Takes a table out of safe mode's reach again.
-- Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.unguard_table(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation regclass;
begin
    for v_relation in
        select c.oid::regclass
        from pg_class as c
        where c.oid = p_relation or c.oid in (select t.relid from pg_partition_tree(p_relation) as t)
    loop
        execute format('drop trigger if exists plumb_safe_mode on %s', v_relation);
        delete from plumb.guarded_tables as g
        where g.relation = plumb.relation_name(v_relation);
    end loop;
end;
$$;
comment on function plumb.unguard_table(regclass) is
'Let a table and its partitions be written in safe mode again.';
revoke execute on function plumb.unguard_table(regclass) from public;
grant execute on function plumb.unguard_table(regclass) to plumb_operator, plumb_owner;
