-- Starts the record of a job's run, and claims the job for this session. Returns no row, and says
-- why in a notice, when there is nothing to run: the job is disabled, it runs already, or it ran a
-- moment ago (pg_cron queues the runs it missed and would deliver them all in a row). With the
-- rights of the owner, because the role that runs the jobs may write no table.
create or replace function plumb.start_job_run(p_job_name text, p_is_forced boolean)
returns table (job_run_id bigint, command text, is_stepwise boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_job plumb.jobs;
    v_now constant timestamptz := plumb.current_time();
begin
    select j.* into v_job from plumb.jobs as j where j.job_name = p_job_name;
    if not found then
        raise exception 'there is no job %', quote_nullable(p_job_name)
            using errcode = 'PL001', hint = 'select job_name from plumb.jobs;';
    end if;
    if not v_job.is_enabled and not p_is_forced then
        raise notice 'job % did not run: it is disabled', p_job_name
            using hint = format('call plumb.run_job(%L, true); runs it all the same.', p_job_name);
        return;
    end if;
    -- A migration waits for the jobs that run, and none begins while it works.
    if plumb.is_claimed('migration') then
        if p_is_forced then
            raise exception 'job % cannot run during a migration', p_job_name
                using errcode = 'PL004', hint = plumb.describe_holder('migration');
        end if;
        raise notice 'job % did not run: a migration runs', p_job_name;
        return;
    end if;
    if not plumb.claim('job ' || p_job_name) then
        if p_is_forced then
            raise exception 'job % is running already', p_job_name
                using errcode = 'PL004', hint = plumb.describe_holder('job ' || p_job_name);
        end if;
        raise notice 'job % did not run: it runs already', p_job_name
            using hint = plumb.describe_holder('job ' || p_job_name);
        return;
    end if;
    if not p_is_forced and exists (
        select from plumb.job_runs as r
        where
            r.job_name = p_job_name
            and r.started_at > v_now - plumb.setting_interval(v_job.interval_setting) / 2
            and r.started_at <= v_now
    ) then
        perform plumb.release('job ' || p_job_name);
        raise notice 'job % did not run: its last run is less than half its interval ago',
            p_job_name
            using hint = format('call plumb.run_job(%L, true); runs it all the same.', p_job_name);
        return;
    end if;
    -- The claim proves that the session of an unfinished run has ended.
    update plumb.job_runs as r
    set
        result = 'failed',
        finished_at = v_now,
        message = 'the server process ended before the run did'
    where r.job_name = p_job_name and r.result = 'running';
    return query
    insert into plumb.job_runs as r (job_name, started_at, backend_pid, started_by)
    select
        p_job_name,
        v_now,
        a.pid,
        left(case a.backend_type
            when 'client backend' then a.application_name else a.backend_type
        end, 100)
    from pg_stat_activity as a
    where a.pid = pg_backend_pid()
    returning r.job_run_id, v_job.command, v_job.is_stepwise;
end;
$$;
comment on function plumb.start_job_run(text, boolean) is
'Claim a job and record that its run begins; no row when there is nothing to run.';
grant execute on function plumb.start_job_run(text, boolean) to plumb_worker;
