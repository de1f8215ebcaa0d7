-- Refuses in safe mode to detach a partition concurrently: that commits before it ends, so refusing
-- it at its end would be too late. It cannot run inside a function or a transaction block, so the
-- text of the query is the command.
reset role;
create or replace function plumb.tg_refuse_ddl_start()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    if
        current_query() ~* 'detach'
        and current_query() ~* 'concurrently'
        and plumb.is_guarded_ddl_refused()
    then
        perform plumb.refuse_guarded_ddl('DETACH CONCURRENTLY', 'a partition');
    end if;
end;
$$;
comment on function plumb.tg_refuse_ddl_start() is
'Refuse with SQLSTATE 25006 to detach a partition concurrently in safe mode.';
revoke execute on function plumb.tg_refuse_ddl_start() from public;
