-- Puts a job on pg_cron's table, or moves it after its interval changed. A pg_cron in another
-- database calls plumb.run_due_jobs(), which goes by the schedule that is kept here. Without any,
-- the job stays listed, and cron_status shows that nothing will run it.
create or replace function plumb.schedule_job(p_job_name text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_job plumb.jobs;
    v_interval_ms bigint;
    v_version int [];
    v_has_seconds boolean;
    v_schedule text;
    v_command text;
begin
    select j.* into v_job from plumb.jobs as j where j.job_name = p_job_name;
    if not found then
        raise exception 'there is no job %', quote_nullable(p_job_name)
            using errcode = 'PL001', hint = 'select job_name from plumb.jobs;';
    end if;
    v_interval_ms := plumb.setting_number(v_job.interval_setting)::bigint;
    select regexp_match(e.extversion, '^(\d+)\.(\d+)')::int []
    into v_version
    from pg_extension as e
    where e.extname = 'pg_cron';
    v_has_seconds := coalesce(v_version >= array[1, 5], false);
    v_schedule := plumb.cron_schedule(v_interval_ms, v_has_seconds);
    v_command := case
        when v_interval_ms < 60000 and not v_has_seconds
        then format('call plumb.repeat_job(%L)', p_job_name)
        else format('call plumb.run_job(%L)', p_job_name)
    end;
    if v_version is null then
        v_schedule := case
            when plumb.setting('cron_database') <> '' then plumb.cron_schedule(v_interval_ms, true)
        end;
    else
        perform plumb.put_on_cron('plumb ' || p_job_name, v_schedule, v_command, v_job.is_enabled);
    end if;
    update plumb.jobs
    set schedule = v_schedule
    where job_name = p_job_name and schedule is distinct from v_schedule;
    return v_schedule;
end;
$$;
comment on function plumb.schedule_job(text) is
'(Re)schedule a job by its interval setting; returns pg_cron''s schedule, null where it runs none.';
