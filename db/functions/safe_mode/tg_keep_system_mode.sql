-- Refuses to delete the one row of system_mode: without it the mode would be unknown.
create or replace function plumb.tg_keep_system_mode()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'plumb.system_mode holds exactly one row: % refused', tg_op
        using errcode = 'object_not_in_prerequisite_state',
        hint = 'Update it: mode is normal or safe.';
end;
$$;
comment on function plumb.tg_keep_system_mode() is 'Refuse to lose the one row of system_mode.';
revoke execute on function plumb.tg_keep_system_mode() from public;
