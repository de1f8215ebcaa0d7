-- Returns whether DDL on guarded tables is refused now: safe mode is on or just being engaged, and
-- this transaction is no migration and does not attach guards.
create or replace function plumb.is_guarded_ddl_refused()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return
        (
            plumb.is_safe_mode()
            or plumb.is_engaged_since_snapshot()
            or plumb.is_being_engaged()
        )
        and not exists (
            select from plumb.guarded_ddl_permits as p
            where p.transaction_id = pg_current_xact_id_if_assigned()
        );
end;
$$;
comment on function plumb.is_guarded_ddl_refused() is
'Whether DDL on guarded tables is refused now.';
revoke execute on function plumb.is_guarded_ddl_refused() from public;
