-- Returns whether a run of another job keeps pg_cron from starting any. Before 1.5 it waits for the
-- end of whatever runs in a background worker, of ours or of others (citusdata/pg_cron#200). What
-- repeats itself within the minute ends with that minute, unless it is in a long run just now. Who
-- may not see the sessions of the server sees none.
create or replace function plumb.is_scheduler_held()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from pg_stat_get_activity(null) as a
        where
            a.backend_type = 'pg_cron'
            and a.pid <> pg_backend_pid()
            and (
                a.query !~ '^call plumb\.(repeat_job|run_due_jobs)\('
                or exists (
                    select
                    from plumb.job_runs as r
                    where
                        r.backend_pid = a.pid
                        and r.result = 'running'
                        and r.started_at < plumb.current_time() - interval '10 seconds'
                )
            )
    )
$$;
comment on function plumb.is_scheduler_held() is
'Whether pg_cron before 1.5 starts no job now, for it waits for the end of one that runs.';
revoke execute on function plumb.is_scheduler_held() from public;
grant execute on function plumb.is_scheduler_held() to plumb_worker;
