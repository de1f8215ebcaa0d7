-- Returns the user for whom the application works, as the log states it. Inlined; whoever writes a
-- row pays for it.
create or replace function plumb.app_user()
returns text
language sql
stable
parallel safe
as $$
    select coalesce(
        nullif(left(current_setting('plumb.app_user', true), 200), ''),
        current_setting('application_name')
    )
$$;
comment on function plumb.app_user() is
'The setting plumb.app_user, cut to 200 characters, or else the application_name.';
