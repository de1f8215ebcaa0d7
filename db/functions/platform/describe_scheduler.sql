-- Returns whether the jobs run. The job with the shortest interval shows it: when that one is
-- overdue, no job runs, whatever the others last reported. In PL/pgSQL, one statement or not: it
-- keeps the plan, and planning takes five times as long as running.
create or replace function plumb.describe_scheduler()
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scheduler json;
begin
    with enabled as (
        select
            c.job_name,
            c.last_run_at,
            c.is_stale,
            c.schedule,
            c.started_by,
            rank() over (order by c.interval_seconds) = 1 as is_pulse
        from plumb.cron_status as c
        where c.is_enabled
    ),

    judged as (
        select
            case
                when count(*) = 0 then 'disabled'
                when
                    not bool_or(e.schedule is not null)
                    and (
                        max(e.last_run_at) is null
                        or bool_and(e.is_stale) filter (where e.is_pulse)
                    )
                    then 'absent'
                when bool_and(e.is_stale) filter (where e.is_pulse) then 'dead'
                when max(e.last_run_at) is null then 'waiting'
                else 'running'
            end as status,
            max(e.last_run_at) as newest_run_at,
            (
                array_agg(e.started_by order by e.last_run_at desc)
                filter (where e.last_run_at is not null)
            )[1] as started_by,
            coalesce(json_agg(e.job_name order by e.job_name) filter (where e.is_stale), '[]')
                as stale_jobs
        from enabled as e
    )

    select json_build_object(
        'status', j.status,
        'newestRunAt', j.newest_run_at,
        'startedBy', j.started_by,
        'staleJobs', j.stale_jobs,
        'reason', concat_ws('; ', case
            -- A job that began this moment proves it; else it costs as much as all the rest.
            when plumb.is_recent(j.newest_run_at, interval '10 seconds') is not true
                then plumb.scheduler_fault()
        end, case
            when j.status = 'disabled' then 'every job is disabled'
            when j.status = 'waiting' then 'no job has run yet, the first is not overdue'
            when j.status = 'running' and json_array_length(j.stale_jobs) > 0
            then 'jobs run, but some are overdue'
            when j.status = 'running' and j.started_by <> ''
            then format('jobs run, started by %s', j.started_by)
            when j.status = 'running' then 'jobs run'
            when j.status = 'absent'
            then 'pg_cron is not installed here, and neither ./plumb scheduler nor a timer calls '
                'plumb.run_due_jobs()'
            when j.newest_run_at is null then 'no job has ever run'
            else format('no job has run since %s', plumb.spoken_moment(j.newest_run_at))
        end)
    )
    into v_scheduler
    from judged as j;
    return v_scheduler;
end;
$$;
comment on function plumb.describe_scheduler() is
'Whether jobs run, as JSON: status is running, waiting (nothing is due yet), dead,
absent (nothing runs them here) or disabled.';
grant execute on function plumb.describe_scheduler() to plumb_reader;
