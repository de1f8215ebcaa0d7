-- Locks the row of system_mode for a switch of the mode. Writers never hold this lock, so waiting
-- for it means that another switch is not finished: who holds it is named after a second.
create or replace function plumb.lock_system_mode()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '900ms'
as $$
declare
    v_holder record;
begin
    perform from plumb.system_mode as m where m.id = 1 for no key update;
exception
    when lock_not_available then
        select
            case
                when l.pid is null then format('prepared transaction %L', p.gid)
                else format('session %s', l.pid)
            end as name,
            case
                when l.pid is null then format('rollback prepared %L;', p.gid)
                else format('select pg_terminate_backend(%s);', l.pid)
            end as remedy
        into v_holder
        from pg_locks as l
        -- A prepared transaction has no process; it is known by its number, which it locks too.
        left join pg_locks as x
            on
                l.pid is null
                and x.pid is null
                and x.virtualtransaction = l.virtualtransaction
                and x.locktype = 'transactionid'
        left join pg_prepared_xacts as p on p.transaction = x.transactionid
        where
            l.relation = 'plumb.system_mode'::regclass
            and l.database
            = (select d.oid from pg_database as d where d.datname = current_database())
            and l.granted
            and l.mode not in ('AccessShareLock', 'ShareUpdateExclusiveLock')
            and l.pid is distinct from pg_backend_pid()
        order by l.pid is not null, l.pid
        limit 1;
        raise exception 'the mode cannot be changed: % holds the row of plumb.system_mode',
            coalesce(v_holder.name, 'another transaction')
            using errcode = 'lock_not_available',
            hint = concat_ws(
                ' ', 'Commit or roll back that transaction, for example:', v_holder.remedy
            );
end;
$$;
comment on function plumb.lock_system_mode() is
'Lock the mode for a switch; who holds it already is named within a second.';
revoke execute on function plumb.lock_system_mode() from public;
