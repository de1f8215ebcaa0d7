-- Sessions and prepared transactions that hold locks, the oldest first.
select string_agg(h.holder, '; ') from (
    select
        format(
            'process %s (role %s, application %L, %s since %s)', a.pid, a.usename,
            a.application_name, a.state, a.xact_start::timestamptz (0)
        ) as holder
    from pg_stat_activity as a
    where
        a.datname = current_database() and a.pid <> pg_backend_pid()
        and exists (
            select from pg_locks as k
            where
                k.pid = a.pid and k.granted and k.locktype in ('relation', 'transactionid')
        )
    union all
    select format('prepared transaction %L of role %I', p.gid, p.owner)
    from pg_prepared_xacts as p
    where p.database = current_database()
    order by 1
    limit 5
) as h
