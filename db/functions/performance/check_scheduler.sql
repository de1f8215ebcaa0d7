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
            c.status = 'failed'
            -- A scheduler that has just started runs one job after the other.
            or c.status = 'unscheduled' and max(c.last_run_at) over () is null
            -- A server that was suspended, or whose clock was set, runs a job when it is due next.
            or c.status in ('stale', 'unscheduled')
            and c.is_stale
            and coalesce(
                b.began_at < plumb.latest_due_at(
                    make_interval(secs => c.interval_seconds::double precision), b.due_until
                ),
                true
            ) as is_at_fault
        from plumb.cron_status as c
        cross join (
            select
                -- Where no job began lately but those of this minute, the clock was set just now,
                -- and the job of every minute is not among them yet.
                case
                    when bool_or(
                        r.started_by = 'pg_cron'
                        and r.started_at between n.now - interval '1 minute' and n.now
                    )
                    and not bool_or(
                        r.started_at between n.now - plumb.staleness_limit('watchdog_interval_ms')
                        and n.now - interval '1 minute'
                    ) then min(n.now)
                    else plumb.unbroken_since()
                end as began_at,
                min(n.now) - interval '1 minute' as due_until
            from (select plumb.current_time() as now) as n
            left join lateral (
                select j.started_at, j.started_by
                from plumb.job_runs as j
                order by j.job_run_id desc
                limit 300
            ) as r on true
        ) as b
    ) as s
$$;
comment on function plumb.check_scheduler() is
'Number of jobs that are stale, failed or not scheduled.';
grant execute on function plumb.check_scheduler() to plumb_reader;
