-- Checks how old the oldest open transaction of the server is while tables are captured: each
-- reading of the WAL begins where it began, and the server keeps the WAL since then.
create or replace function plumb.check_audit_slot_holder()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_slot_holder',
        coalesce(max(extract(epoch from clock_timestamp() - h.began_at)), 0),
        's',
        coalesce(
            'oldest: ' || (array_agg(h.holder order by h.began_at))[1],
            'no transaction that writes is open'
        ),
        'Let it end, or end it: pg_terminate_backend(), rollback prepared.'
    )
    from (
        select s.xact_start as began_at, format('process %s of %s', s.pid, s.usename) as holder
        from pg_stat_activity as s
        where s.backend_xid is not null
        union all
        select p.prepared, format('prepared transaction %L', p.gid)
        from pg_prepared_xacts as p
    ) as h
    where exists (select from plumb.audit_capture)
$$;
comment on function plumb.check_audit_slot_holder() is
'Age of the oldest open transaction that the reading of the WAL must go back to, in seconds.';
grant execute on function plumb.check_audit_slot_holder() to plumb_reader;
