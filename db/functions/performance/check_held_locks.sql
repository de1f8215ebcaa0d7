-- Measures how long a transaction, prepared or not, has been open that changed a table of
-- Plumbline: it stops the jobs that change the same rows, such as sealing, checks and alerts.
-- Reading stops no job, and a dump reads for hours.
create or replace function plumb.check_held_locks()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'held_locks',
        greatest(max(extract(epoch from plumb.current_time() - h.began_at)), 0),
        's',
        case
            when count(*) = 0 then 'no other transaction holds a lock on a table of Plumbline'
            else string_agg(
                format('%s locks %s', h.holder, h.relations), '; ' order by h.began_at
            )
        end,
        'Let it commit or roll back, end it with pg_terminate_backend(), or finish the prepared '
        'transaction as its role.'
    )
    from (
        select
            case
                when a.pid is null
                    then format('the prepared transaction %L of role %I', p.gid, p.owner)
                else format('process %s (%s, %s)', a.pid, a.usename, a.application_name)
            end as holder,
            coalesce(a.xact_start, p.prepared) as began_at,
            string_agg(distinct c.relname::text, ', ') as relations
        from pg_locks as k
        inner join pg_class as c on c.oid = k.relation and c.relkind in ('r', 'p')
        inner join pg_namespace as n on n.oid = c.relnamespace and n.nspname = 'plumb'
        inner join pg_database as d on d.oid = k.database and d.datname = current_database()
        left join pg_stat_activity as a on a.pid = k.pid
        -- The locks of a prepared transaction have no process; that on its number says which.
        left join pg_locks as x
            on
                k.pid is null
                and x.pid is null
                and x.locktype = 'transactionid'
                and x.virtualtransaction = k.virtualtransaction
        left join pg_prepared_xacts as p on p.transaction = x.transactionid
        where
            k.locktype = 'relation'
            and k.granted
            and k.mode <> 'AccessShareLock'
            and k.pid is distinct from pg_backend_pid()
            and a.usename is distinct from 'plumb_worker'
        group by a.pid, a.usename, a.application_name, a.xact_start, p.gid, p.owner, p.prepared
    ) as h
$$;
comment on function plumb.check_held_locks() is
'Age of the oldest transaction that holds a lock on a table of Plumbline, in seconds.';
grant execute on function plumb.check_held_locks() to plumb_reader;
