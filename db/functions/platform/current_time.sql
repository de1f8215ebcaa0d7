-- Returns the time by which everything is decided. Tests move it with the setting
-- plumb.current_time, which only members of plumb_owner can use: an application must not be able to
-- age an incident. In PL/pgSQL, for a stable function in SQL that reads a volatile clock is never
-- inlined, and is parsed and planned anew by every statement that calls it: five times the cost. It
-- has no search_path of its own, which would cost as much again, hence every name is qualified.
create or replace function plumb.current_time()
returns timestamptz
language plpgsql
stable
as $$
begin
    return case
        when pg_catalog.current_setting('plumb.current_time', true) operator(pg_catalog.<>) ''
        and pg_catalog.pg_has_role(session_user, 'plumb_owner', 'member')
        then pg_catalog.current_setting('plumb.current_time')::pg_catalog.timestamptz
        else pg_catalog.clock_timestamp()
    end;
end;
$$;
comment on function plumb.current_time() is
'The wall clock, or the setting plumb.current_time for members of plumb_owner.';
grant execute on function plumb.current_time() to plumb_reader, plumb_inspector;
