-- Lists the jobs that are due, for servers without pg_cron: those that have not begun since the
-- newest moment of their grid. One that began less than half its interval before that moment waits
-- for the next, as plumb.start_job_run() has it. It runs with the rights of the owner,
-- because the role that runs the jobs may read no table.
create or replace function plumb.due_jobs(p_timeout_seconds_max integer default null)
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with listed as materialized (
        select
            s.job_name,
            s.last_run_at,
            make_interval(secs => s.interval_seconds::double precision) as run_interval,
            n.now
        from plumb.cron_status as s
        inner join plumb.jobs as j on j.job_name = s.job_name
        cross join (select plumb.current_time() as now) as n
        where
            s.status not in ('disabled', 'running')
            and j.timeout_seconds <= coalesce(p_timeout_seconds_max, 2147483647)
    )

    select l.job_name
    from listed as l
    where
        (
            l.last_run_at is null
            or l.last_run_at < plumb.latest_due_at(l.run_interval, l.now) - l.run_interval / 2
            -- A time that has not come yet: the clock was wrong then.
            or l.last_run_at > l.now + interval '1 minute'
        )
    order by l.last_run_at nulls first
$$;
comment on function plumb.due_jobs(integer) is
'The enabled jobs that are due and do not run, the longest waiting first; with a limit, those
whose timeout is at most that many seconds.';
grant execute on function plumb.due_jobs(integer) to plumb_worker;
