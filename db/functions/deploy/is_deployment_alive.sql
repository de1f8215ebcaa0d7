-- Whether any session, this one included, holds the lock of deployments: a process lives.
create or replace function plumb.is_deployment_alive()
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from pg_locks as l
        inner join pg_database as d on d.oid = l.database
        where
            d.datname = current_database()
            and l.locktype = 'advisory'
            and l.granted
            and l.classid = plumb.job_lock_class()::oid
            and l.objid = plumb.deployment_lock_key()::oid
    )
$$;
comment on function plumb.is_deployment_alive() is
'Whether some session holds the lock that a running deployment holds.';
