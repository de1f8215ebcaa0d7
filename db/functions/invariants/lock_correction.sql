-- Keeps the owner of an auto-correct from changing it until the transaction ends, and says whether
-- it may be called: it is ours, or has its owner's rights, and returns an integer. PostgreSQL looks
-- a function up without a lock: it could lose SECURITY DEFINER between a check and the call.
-- Runs as the superuser, for the catalog is not ours; without one all is of one role.
reset role;
create or replace function plumb.lock_correction(p_function regprocedure)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if has_table_privilege('pg_catalog.pg_proc', 'update') then
        perform from pg_proc as p where p.oid = p_function for share;
    end if;
    return exists (
        select from pg_proc as p
        where
            p.oid = p_function
            and (p.prosecdef or p.pronamespace = 'plumb'::regnamespace)
            and p.prorettype in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
    );
end;
$$;
comment on function plumb.lock_correction(regprocedure) is
'Keep an auto-correct as it is until the transaction ends; false when it may not be called.';
revoke execute on function plumb.lock_correction(regprocedure) from public;
grant execute on function plumb.lock_correction(regprocedure) to plumb_owner;
