-- The jobs whose time has come, for servers without pg_cron. With the rights of the owner, because
-- the role that runs the jobs may read no table.
create or replace function plumb.due_jobs()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.job_name
    from plumb.cron_status as s
    where
        s.status <> 'disabled'
        and (
            s.last_run_at is null
            -- Also what ran at a time that has not come yet: the clock was wrong then.
            or plumb.is_recent(
                s.last_run_at, make_interval(secs => s.interval_seconds::double precision)
            ) is not true
        )
    order by s.last_run_at nulls first
$$;
comment on function plumb.due_jobs() is 'The enabled jobs that are due, the longest waiting first.';
grant execute on function plumb.due_jobs() to plumb_worker;
