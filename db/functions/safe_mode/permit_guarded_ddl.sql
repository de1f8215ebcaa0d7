-- Lets the current transaction change guarded tables while safe mode is on, so that guards can be
-- attached and repaired then. Only the owner of the permits can write one.
create or replace function plumb.permit_guarded_ddl()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with given as (
        insert into plumb.guarded_ddl_permits (transaction_id)
        select pg_current_xact_id()
        on conflict do nothing
        returning 1
    )

    select exists(select from given)
$$;
comment on function plumb.permit_guarded_ddl() is
'Permit this transaction to change guarded tables in safe mode; false if it was permitted already.';
revoke execute on function plumb.permit_guarded_ddl() from public;
