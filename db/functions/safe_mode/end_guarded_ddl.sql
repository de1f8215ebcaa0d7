-- Ends the transactions that changed guarded tables by DDL and are still open when safe mode is
-- engaged: such a transaction may have switched off its own view of the guard, and nothing else
-- would refuse what it writes next. tg_refuse_ddl() marks every transaction that runs DDL by a lock
-- on plumb.guarded_ddl_permits, which no other role may lock; those that hold a lock as strong as
-- DDL takes on a guarded table as well are ended. So are those that attached a guard: to a new
-- table, partition or child, which nobody else sees before they commit. That a permit was written
-- identifies them, see plumb.attach_guard(). Transactions that only write go on.
reset role;
create or replace function plumb.end_guarded_ddl()
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_session record;
    v_count integer := 0;
begin
    for v_session in
        select
            l.pid,
            coalesce(
                min(plumb.relation_name(l.relation)) filter (where g.relation is not null),
                'a table that was to be guarded'
            ) as relation
        from pg_locks as l
        inner join pg_locks as m on m.virtualtransaction = l.virtualtransaction
        inner join pg_database as d on d.oid = l.database and d.oid = m.database
        left join plumb.guarded_relations() as g
            on
                g.relation = l.relation
                and l.mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        where
            d.datname = current_database()
            and l.locktype = 'relation'
            and l.granted
            and m.relation = 'plumb.guarded_ddl_permits'::regclass
            and (m.mode = 'RowShareLock' and g.relation is not null or m.mode = 'RowExclusiveLock')
            and l.pid <> pg_backend_pid()
        group by l.pid
    loop
        if pg_terminate_backend(v_session.pid) then
            v_count := v_count + 1;
            raise warning 'safe mode ended session %: its transaction had changed % and was open',
                v_session.pid, v_session.relation;
        end if;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.end_guarded_ddl() is
'End the sessions whose open transaction changed a guarded table by DDL; returns their number.';
revoke execute on function plumb.end_guarded_ddl() from public;
grant execute on function plumb.end_guarded_ddl() to plumb_owner;
