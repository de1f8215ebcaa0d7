-- Returns every job as JSON for the HTTP service.
create or replace function plumb.describe_jobs()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'scheduler', plumb.describe_scheduler(),
        'jobs', coalesce(
            json_agg(
                json_build_object(
                    'jobName', c.job_name,
                    'status', c.status,
                    'lastRunAt', c.last_run_at,
                    'durationMs', c.duration_ms,
                    'result', c.result,
                    'message', c.message,
                    'nextRunAt', c.next_run_at,
                    'startedBy', c.started_by,
                    'stale', c.is_stale,
                    'intervalSeconds', c.interval_seconds,
                    'schedule', c.schedule,
                    'description', c.description
                )
                order by c.job_name
            ), '[]'
        )
    )
    from plumb.cron_status as c
$$;
comment on function plumb.describe_jobs() is
'The scheduler and each job''s last and next run, as JSON.';
grant execute on function plumb.describe_jobs() to plumb_reader;
