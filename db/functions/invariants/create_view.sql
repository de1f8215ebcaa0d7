-- Creates a view by a command with the rights of its owner, for parsing its text may run code: see
-- plumb.set_aside_views(). A superuser's text is the superuser's own.
create or replace function plumb.create_view(p_view regclass, p_command text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select from pg_class as c
        inner join pg_roles as r on r.oid = c.relowner and r.rolsuper
        where c.oid = p_view
    ) then
        execute p_command;
    else
        perform plumb.change_as_owner(p_view, p_command, 'pg_catalog, pg_temp');
    end if;
end;
$$;
comment on function plumb.create_view(regclass, text) is
'Create a view by a command, with the rights of its owner.';
revoke execute on function plumb.create_view(regclass, text) from public;
