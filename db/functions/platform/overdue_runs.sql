-- Lists the sessions whose run exceeds the limit of its job. Only a role that may cancel them acts
-- on it.
create or replace function plumb.overdue_runs()
returns table (job_name text, pid integer, role_id oid)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select r.job_name, l.holder_pid, a.usesysid
    from plumb.job_runs as r
    inner join plumb.jobs as j on j.job_name = r.job_name
    inner join plumb.locks as l on l.name = 'job ' || r.job_name and l.holder_pid = r.backend_pid
    inner join pg_stat_activity as a on a.pid = l.holder_pid
    where
        r.result = 'running'
        and r.started_at + make_interval(secs => j.timeout_seconds) < plumb.current_time()
        and r.backend_pid <> pg_backend_pid()
        and plumb.is_claimed(l.name)
$$;
comment on function plumb.overdue_runs() is
'Runs that exceed their job''s limit: job, process and role of the session.';
grant execute on function plumb.overdue_runs() to plumb_worker;
