-- The clock of every decision. Tests move it with the setting plumb.current_time, which only
-- members of plumb_owner can use: an application must not be able to age an incident.
create or replace function plumb.current_time()
returns timestamptz
language sql
stable
as $$
    select case
        when current_setting('plumb.current_time', true) <> ''
        and pg_has_role(session_user, 'plumb_owner', 'member')
        then current_setting('plumb.current_time')::timestamptz
        else clock_timestamp()
    end
$$;
comment on function plumb.current_time() is
'The wall clock, or the setting plumb.current_time for members of plumb_owner.';
grant execute on function plumb.current_time() to public;
