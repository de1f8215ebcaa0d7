-- Sets the role of the jobs, in this database, to what they need. Called by the migration, for it
-- takes a superuser.
create or replace function plumb.set_worker_settings()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_setting record;
    v_count bigint := 0;
begin
    for v_setting in
        select s.command from plumb.unset_worker_settings() as s
    loop
        execute v_setting.command;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.set_worker_settings() is
'Set the settings of the jobs'' role in this database; returns how many were wrong.';
