-- Sets the views of invariants aside that read a table, before a command changes or drops the
-- table. A view follows a table or column that gets another name or schema and stays, and CASCADE
-- means to drop it.
create or replace function plumb.tg_set_aside_views()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    if
        regexp_replace(current_query(), 'on\s+(delete|update)\s+cascade', '', 'gi')
        !~* 'rename|set\s+schema|\mcascade\M'
    then
        perform plumb.set_aside_views(current_query());
    end if;
end;
$$;
comment on function plumb.tg_set_aside_views() is
'Set the views of invariants aside that would stand in the way of DDL.';
revoke execute on function plumb.tg_set_aside_views() from public;
