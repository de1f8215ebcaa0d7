-- Lists the sessions whose run exceeds the limit of its job, and notes it with the run. Only a role
-- that may cancel them acts on it. One that was noted before and is still there at twice the limit
-- does not obey: code of others that a reading runs can catch the cancel.
create or replace function plumb.note_overdue_runs()
returns table (job_name text, pid integer, role_id oid, is_stubborn boolean)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with overdue as (
        select
            r.job_run_id,
            r.job_name,
            l.holder_pid,
            a.usesysid,
            r.message <> ''
            and r.started_at + make_interval(secs => 2 * j.timeout_seconds)
            < plumb.current_time() as is_stubborn
        from plumb.job_runs as r
        inner join plumb.jobs as j on j.job_name = r.job_name
        inner join plumb.locks as l
            on l.name = 'job ' || r.job_name and l.holder_pid = r.backend_pid
        inner join pg_stat_activity as a on a.pid = l.holder_pid
        where
            r.result = 'running'
            and r.started_at + make_interval(secs => j.timeout_seconds) < plumb.current_time()
            and r.backend_pid <> pg_backend_pid()
            and plumb.is_claimed(l.name)
    ),

    noted as (
        update plumb.job_runs as r
        set message = 'takes too long'
        from overdue as o
        where r.job_run_id = o.job_run_id and r.message = ''
    )

    select o.job_name, o.holder_pid, o.usesysid, o.is_stubborn from overdue as o
$$;
comment on function plumb.note_overdue_runs() is
'Runs over their job''s limit, which is noted: job, process, role, and whether one does not obey.';
grant execute on function plumb.note_overdue_runs() to plumb_worker;
