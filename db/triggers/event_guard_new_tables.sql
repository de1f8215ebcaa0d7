-- A table created tomorrow in a guarded schema is guarded from its first row.
reset role;
create or replace function plumb.tg_guard_new_tables()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_command record;
begin
    for v_command in
        select c.objid, c.schema_name
        from pg_event_trigger_ddl_commands() as c
        where c.classid = 'pg_class'::regclass and c.object_type = 'table'
    loop
        if
            v_command.schema_name = any(
                string_to_array(replace(plumb.setting('guarded_schemas'), ' ', ''), ',')
            )
            and v_command.schema_name <> 'plumb'
        then
            perform plumb.guard_table(v_command.objid::regclass);
        end if;
    end loop;
end;
$$;
comment on function plumb.tg_guard_new_tables() is 'Guard tables created in a guarded schema.';
revoke execute on function plumb.tg_guard_new_tables() from public;

drop event trigger if exists plumb_guard_new_tables; -- noqa: PRS
create event trigger plumb_guard_new_tables on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
execute function plumb.tg_guard_new_tables();
alter event trigger plumb_guard_new_tables enable always;
