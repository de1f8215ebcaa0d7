-- pg_cron has no timeout per job, and statement_timeout is armed once for a whole CALL. A run
-- that exceeds its own limit is cancelled from outside; one whose process is gone is closed,
-- so that a daily job that crashed does not look busy for a day. A run is alive while its
-- session holds the job's claim: a recycled process number does not hold it.
create or replace function plumb.cancel_overdue_jobs()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with runs as (
        select
            r.job_run_id,
            r.job_name,
            a.pid,
            r.started_at + make_interval(secs => j.timeout_seconds) < plumb.current_time()
            and r.backend_pid <> pg_backend_pid()
            and pg_has_role(a.usesysid, 'usage') as is_overdue
        from plumb.job_runs as r
        inner join plumb.jobs as j on j.job_name = r.job_name
        left join plumb.locks as l
            on
                l.name = 'job ' || r.job_name
                and l.holder_pid = r.backend_pid
                and plumb.is_claimed(l.name)
        left join pg_stat_activity as a on a.pid = l.holder_pid
        where r.result = 'running'
    ),

    closed as (
        update plumb.job_runs as r
        set
            result = 'failed',
            finished_at = plumb.current_time(),
            message = 'the server process ended before the run did'
        from runs as d
        where d.job_run_id = r.job_run_id and d.pid is null and r.result = 'running'
        returning format('%s: its process was gone', r.job_name) as report
    ),

    reports as (
        select c.report from closed as c
        union all
        select format('%s: %s', o.job_name, case
            when pg_cancel_backend(o.pid) then 'cancelled' else 'could not be cancelled'
        end)
        from runs as o
        where o.is_overdue
    )

    select coalesce(string_agg(p.report, ', '), 'none overdue') from reports as p
$$;
comment on function plumb.cancel_overdue_jobs() is
'Cancel runs that exceed their job''s timeout, close those whose process is gone; says which.';
