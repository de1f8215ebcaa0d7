-- Returns why the server takes no writes, from a probe of this second: /system-health asks at each
-- request, and the probe costs as much as all else that it answers. Only what is good is kept, by
-- the session, as the name of the second; nothing that a setting holds is read as anything else.
create or replace function plumb.recent_write_fault()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_second constant text := floor(extract(epoch from plumb.current_time()))::text;
    v_fault text;
begin
    if current_setting('plumb.writes_taken_at', true) = v_second then
        return null;
    end if;
    v_fault := plumb.write_fault();
    if v_fault is null then
        perform set_config('plumb.writes_taken_at', v_second, false);
    end if;
    return v_fault;
end;
$$;
comment on function plumb.recent_write_fault() is
'Why the server takes no writes, as plumb.write_fault(), found at most one second ago.';
