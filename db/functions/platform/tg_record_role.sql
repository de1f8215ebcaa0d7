-- Keeps the role of the session: the names that functions take can be anybody's.
create or replace function plumb.tg_record_role()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    new.recorded_by := session_user;
    return new;
end;
$$;
comment on function plumb.tg_record_role() is
'Trigger: writes the role of the session into recorded_by.';
