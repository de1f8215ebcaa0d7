-- pg_cron has no timeout per job, and statement_timeout is armed once for a whole CALL. A run
-- that exceeds its own limit is cancelled from outside and leaves its reason behind.
create or replace function plumb.cancel_overdue_jobs()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with overdue as (
        select r.job_name, r.backend_pid
        from plumb.job_runs as r
        inner join plumb.jobs as j on j.job_name = r.job_name
        inner join pg_stat_activity as a on a.pid = r.backend_pid
        where
            r.result = 'running'
            and r.started_at
            < plumb.current_time() - make_interval(secs => j.timeout_seconds)
            -- A recycled process number must not cost somebody else his query.
            and a.usename = 'plumb_worker'
            and a.backend_start <= r.started_at
            and a.pid <> pg_backend_pid()
    )

    select coalesce(
        string_agg(
            format('%s: %s', o.job_name, case
                when pg_cancel_backend(o.backend_pid) then 'cancelled' else 'could not be cancelled'
            end), ', '
        ), 'none overdue'
    )
    from overdue as o
$$;
comment on function plumb.cancel_overdue_jobs() is
'Cancel runs that exceed their job''s timeout; says which.';
