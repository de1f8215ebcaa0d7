-- Puts the views of invariants back that were set aside for a command, and tries those again that
-- could not be put back before.
create or replace function plumb.tg_put_back_views()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    perform plumb.put_back_views();
end;
$$;
comment on function plumb.tg_put_back_views() is
'Put the views of invariants back that were set aside for DDL.';
revoke execute on function plumb.tg_put_back_views() from public;
