-- Returns since when the job that runs every minute ran without a break: the server was neither
-- down nor suspended, and nobody set its clock. Before that no job could run.
create or replace function plumb.unbroken_since()
returns timestamptz
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select r.started_at
    from (
        select
            w.job_run_id,
            w.started_at,
            lag(w.started_at) over (order by w.job_run_id) as previous_at
        from (
            select r.job_run_id, r.started_at
            from plumb.job_runs as r
            where r.job_name = 'watchdog'
            order by r.job_run_id desc nulls last
            limit 1500
        ) as w
    ) as r
    where
        r.previous_at is null
        or r.started_at < r.previous_at
        or r.started_at > r.previous_at + plumb.staleness_limit('watchdog_interval_ms')
    order by r.job_run_id desc nulls last
    limit 1
$$;
comment on function plumb.unbroken_since() is
'When the job of every minute began to run without a break that would make it stale.';
grant execute on function plumb.unbroken_since() to plumb_reader;
