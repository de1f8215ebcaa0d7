-- Operators run Plumbline; whoever erases evidence, stops jobs, takes protection from tables, lets
-- networks past the limits or sends alerts elsewhere needs this role besides.
do $$
declare
    v_function regprocedure;
begin
    -- Roles belong to the whole cluster: another database may have brought it already.
    if not exists (select from pg_roles where rolname = 'plumb_admin') then
        create role plumb_admin nologin;
        comment on role plumb_admin is
        'Operator that may also erase from the log, stop jobs, and take protection away.';
    end if;
    grant plumb_operator to plumb_admin;
    for v_function in
        select p.oid
        from pg_proc as p
        where
            p.pronamespace = 'plumb'::regnamespace
            and p.proname = any(
                array[
                    'allow_client',
                    'connect_destination',
                    'disconnect_destination',
                    'enable_job',
                    'redact_audit',
                    'retire_audit',
                    'unaudit_table',
                    'unguard_table'
                ]
            )
    loop
        execute format('revoke execute on function %s from plumb_operator', v_function);
    end loop;
end
$$;
grant usage on schema plumb to plumb_admin;
