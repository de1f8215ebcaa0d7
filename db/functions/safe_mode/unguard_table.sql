-- Removes the guard of a table: it no longer obeys safe mode. This is refused while safe mode is
-- on: that would open one table without the override token; the drop of the trigger is refused
-- then. Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.unguard_table(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_trigger record;
begin
    for v_trigger in
        select t.tgname, f.relation
        from plumb.table_family(p_relation) as f
        inner join pg_trigger as t on t.tgrelid = f.relation
        where
            t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
            and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', v_trigger.tgname, v_trigger.relation);
    end loop;
    delete from plumb.guarded_tables as g
    using plumb.table_family(p_relation) as f
    where f.relation = g.relation_id;
end;
$$;
comment on function plumb.unguard_table(regclass) is
'Let a table and its partitions be written in safe mode again.';
revoke execute on function plumb.unguard_table(regclass) from public;
grant execute on function plumb.unguard_table(regclass) to plumb_admin, plumb_owner;
