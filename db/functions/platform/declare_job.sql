-- Declares a job and puts it on the schedule; each file of db/jobs is one call of this. What an
-- operator changed (whether it is enabled, its interval) is kept.
create or replace function plumb.declare_job(
    p_job_name text,
    p_command text,
    p_interval_setting text,
    p_timeout_seconds integer,
    p_description text,
    p_is_stepwise boolean default false
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into plumb.jobs (
        job_name, command, interval_setting, timeout_seconds, description, is_stepwise
    )
    values (
        p_job_name, p_command, p_interval_setting, p_timeout_seconds, p_description, p_is_stepwise
    )
    on conflict (job_name) do update
    set
        command = excluded.command,
        interval_setting = excluded.interval_setting,
        timeout_seconds = excluded.timeout_seconds,
        description = excluded.description,
        is_stepwise = excluded.is_stepwise
    where
        (
            jobs.command,
            jobs.interval_setting,
            jobs.timeout_seconds,
            jobs.description,
            jobs.is_stepwise
        )
        is distinct from (
            excluded.command,
            excluded.interval_setting,
            excluded.timeout_seconds,
            excluded.description,
            excluded.is_stepwise
        );
    return plumb.schedule_job(p_job_name);
end;
$$;
comment on function plumb.declare_job(text, text, text, integer, text, boolean) is
'List a job and schedule it; returns pg_cron''s schedule, null without pg_cron.';
