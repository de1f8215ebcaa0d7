-- Returns what the page of jobs shows: whether anything runs them, each job, and what failed last.
create or replace function plumb.describe_jobs_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'scheduler', plumb.describe_scheduler(),
        'jobs', (
            select json_agg(
                to_jsonb(c) order by c.status in ('ok', 'disabled', 'waiting'), c.job_name
            )
            from plumb.cron_status as c
        ),
        'failures', (
            select coalesce(json_agg(to_jsonb(f) order by f.started_at desc), '[]')
            from (
                select r.job_name, r.started_at, r.finished_at, r.message
                from plumb.job_runs as r
                where r.result = 'failed'
                order by r.job_run_id desc
                limit 20
            ) as f
        )
    )
$$;
comment on function plumb.describe_jobs_page() is
'The scheduler, every job and the newest runs that failed, as JSON.';
grant execute on function plumb.describe_jobs_page() to plumb_reader;
