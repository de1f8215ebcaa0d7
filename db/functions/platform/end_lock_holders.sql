-- Ends the sessions that keep a row of plumb.locks and do nothing: who may seal the log and leaves
-- the transaction open would stop sealing for as long as it stays open. Sessions of the jobs and of
-- superusers are left alone, and one that works is, up to lock_hold_seconds_max. The row does not
-- tell who holds it after a savepoint; the lock of the table does. Belongs to a superuser, for
-- nobody else may end the sessions of other roles.
reset role;
create or replace function plumb.end_lock_holders()
returns table (role_name text, process_id integer, application_name text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- A statement that has just ended may have its commit on the way.
    c_idle_seconds constant integer := 5;
    v_work_seconds constant double precision := plumb.setting_number('lock_hold_seconds_max');
begin
    perform pg_stat_clear_snapshot();
    for role_name, process_id, application_name in
        select distinct a.usename::text, a.pid, a.application_name
        from pg_locks as k
        inner join pg_database as d on d.oid = k.database and d.datname = current_database()
        inner join pg_stat_activity as a on a.pid = k.pid
        inner join pg_roles as r on r.oid = a.usesysid
        where
            k.locktype = 'relation'
            and k.relation = 'plumb.locks'::regclass
            and k.mode = 'RowShareLock'
            and k.granted
            and k.pid <> pg_backend_pid()
            and not r.rolsuper
            and r.rolname <> 'plumb_worker'
            and case
                when a.state like 'idle in transaction%'
                    then a.state_change < clock_timestamp() - make_interval(secs => c_idle_seconds)
                else a.query_start < clock_timestamp() - make_interval(secs => v_work_seconds)
            end
    loop
        if pg_terminate_backend(process_id) then
            return next;
        end if;
    end loop;
end;
$$;
comment on function plumb.end_lock_holders() is
'End sessions that keep a lock of plumb.locks in an idle transaction; returns whose.';
revoke execute on function plumb.end_lock_holders() from public;
grant execute on function plumb.end_lock_holders() to plumb_owner;
