-- Records the functions that a migration left in place, so that a function replaced later is found:
-- any of ours, for what checks the log must be as honest as what writes it.
create or replace function plumb.record_audit_functions()
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with present as (
        select p.oid::regprocedure::text as function_name, plumb.function_digest(p.oid) as digest
        from pg_proc as p
        where
            p.pronamespace = 'plumb'::regnamespace
            and p.prokind in ('f', 'p')
    ),

    gone as (
        delete from plumb.audit_functions as f
        where not exists (select from present as p where p.function_name = f.function_name)
    )

    insert into plumb.audit_functions (function_name, definition_hash, recorded_at)
    select p.function_name, p.digest, plumb.current_time()
    from present as p
    on conflict (function_name) do update
    set definition_hash = excluded.definition_hash, recorded_at = excluded.recorded_at
    where audit_functions.definition_hash <> excluded.definition_hash
$$;
comment on function plumb.record_audit_functions() is
'Remember the definitions of our functions as a migration left them.';
