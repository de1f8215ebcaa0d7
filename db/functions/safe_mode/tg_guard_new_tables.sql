-- A table that comes into a guarded schema tomorrow is guarded from its first row. A table made
-- out of a query has its rows before anybody can guard it, so safe mode refuses it.
reset role;
create or replace function plumb.tg_guard_new_tables()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation regclass;
begin
    if tg_tag like '%SUBSCRIPTION' then
        perform plumb.guard_schemas();
        return;
    end if;
    for v_relation in
        select distinct c.oid
        from pg_event_trigger_ddl_commands() as d
        inner join pg_class as c on c.oid = d.objid
        inner join pg_namespace as n on n.oid = c.relnamespace
        where
            d.classid = 'pg_class'::regclass
            and c.relkind in ('r', 'p')
            and n.nspname <> 'plumb'
            and n.nspname = any(plumb.guarded_schemas())
    loop
        if tg_tag in ('CREATE TABLE AS', 'SELECT INTO') and plumb.is_safe_mode() then
            raise exception 'safe mode is on, % into % refused', lower(tg_tag), v_relation
                using errcode = 'read_only_sql_transaction',
                hint = 'Try again when it is off: select * from plumb.safe_mode;';
        end if;
        perform plumb.guard_table(v_relation);
    end loop;
end;
$$;
comment on function plumb.tg_guard_new_tables() is 'Guard tables created in a guarded schema.';
revoke execute on function plumb.tg_guard_new_tables() from public;
