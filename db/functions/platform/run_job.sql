-- One run of one job: never twice at once, never sooner than half its interval (pg_cron queues
-- the runs it missed and would deliver them all in a row), always on record. A stepwise job is
-- called until it has no more to do, with a commit after each step: what must not hold a lock
-- while it waits for the world claims in one step and acts in the next.
create or replace procedure plumb.run_job(p_job_name text, p_is_forced boolean default false)
language plpgsql
as $$
declare
    v_job plumb.jobs;
    v_now timestamptz := plumb.current_time();
    v_run_id bigint;
    v_message text;
    v_step plumb.job_step;
    v_result text := 'succeeded';
begin
    -- Jobs run alike whatever isolation the database or the caller sets; it can be set only
    -- before a transaction's first query.
    commit;
    set transaction isolation level read committed, read write;
    -- A procedure that commits cannot carry its own search_path.
    set local search_path to pg_catalog, pg_temp;
    select j.* into v_job from plumb.jobs as j where j.job_name = p_job_name;
    if not found then
        raise exception 'there is no job %', quote_nullable(p_job_name)
            using errcode = 'PL001', hint = 'select job_name from plumb.jobs;';
    end if;
    if not v_job.is_enabled and not p_is_forced then
        return;
    end if;
    -- A migration waits for the jobs that run, and none begins while it works.
    if plumb.is_claimed('migration') then
        if p_is_forced then
            raise exception 'job % cannot run during a migration', p_job_name
                using errcode = 'PL004', hint = plumb.describe_holder('migration');
        end if;
        return;
    end if;
    if not plumb.claim('job ' || p_job_name) then
        if p_is_forced then
            raise exception 'job % is running already', p_job_name
                using errcode = 'PL004', hint = plumb.describe_holder('job ' || p_job_name);
        end if;
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
        return;
    end if;
    -- The claim proves that whoever left a run unfinished is gone.
    update plumb.job_runs
    set
        result = 'failed',
        finished_at = v_now,
        message = 'the server process ended before the run did'
    where job_name = p_job_name and result = 'running';
    insert into plumb.job_runs (job_name, started_at, backend_pid)
    values (p_job_name, v_now, pg_backend_pid())
    returning job_run_id into v_run_id;
    commit;

    loop
        -- Each commit undoes what was set for the transaction only.
        set transaction isolation level read committed, read write;
        set local search_path to pg_catalog, pg_temp;
        begin
            if v_job.is_stepwise then
                execute 'select * from ' || v_job.command into v_step;
                v_message := concat_ws('; ', v_message, nullif(v_step.message, ''));
            else
                execute 'select ' || v_job.command into v_message;
            end if;
        exception
            -- Others leaves out cancelling, by which the watchdog ends a run that takes too long.
            when query_canceled or others then v_result := 'failed';
                v_message := concat_ws('; ', v_message, format('%s (%s)', sqlerrm, sqlstate));
        end;
        exit when v_result = 'failed' or not coalesce(v_step.has_more, false);
        commit;
    end loop;
    update plumb.job_runs
    set
        finished_at = plumb.current_time(),
        result = v_result,
        message = coalesce(left(v_message, 2000), '')
    where job_run_id = v_run_id;
    perform plumb.release('job ' || p_job_name);
    commit;
end;
$$;
comment on procedure plumb.run_job is
'Run a job once and record it. Forced: even when disabled or too soon; PL004 while it runs.';
