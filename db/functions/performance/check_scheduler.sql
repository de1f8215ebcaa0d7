-- Measures whether the jobs run: jobs that no longer run look like jobs that find nothing.
create or replace function plumb.check_scheduler()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'scheduler',
        count(*) filter (where s.is_at_fault),
        'jobs',
        coalesce(
            string_agg(format('%s is %s', s.job_name, s.status), ', ' order by s.job_name)
            filter (where s.is_at_fault),
            'all jobs run'
        ),
        'select * from plumb.cron_status; if all are stale, pg_cron is dead: restart the server.'
    )
    from (
        select
            c.job_name,
            c.status,
            c.status in ('stale', 'failed')
            -- A scheduler that has just started runs one job after the other.
            or c.status = 'unscheduled'
            and (c.is_stale or max(c.last_run_at) over () is null) as is_at_fault
        from plumb.cron_status as c
    ) as s
$$;
comment on function plumb.check_scheduler() is
'Number of jobs that are stale, failed or not scheduled.';
grant execute on function plumb.check_scheduler() to plumb_reader;
