-- Refuses a cast to json whose function would run with the rights of the audit log.
reset role;
create or replace function plumb.tg_audit_cast()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set standard_conforming_strings = on
as $$
begin
    perform plumb.refuse_untrusted_casts();
end;
$$;
comment on function plumb.tg_audit_cast() is
'Refuse a cast to json whose function would run with the rights of the audit log.';
revoke execute on function plumb.tg_audit_cast() from public;
