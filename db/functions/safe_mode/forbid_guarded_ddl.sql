-- Ends the permit of plumb.permit_guarded_ddl(): DDL on guarded tables is refused again.
create or replace function plumb.forbid_guarded_ddl()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    delete from plumb.guarded_ddl_permits as p where p.transaction_id = pg_current_xact_id()
$$;
comment on function plumb.forbid_guarded_ddl() is
'Refuse this transaction again to change guarded tables in safe mode.';
revoke execute on function plumb.forbid_guarded_ddl() from public;
