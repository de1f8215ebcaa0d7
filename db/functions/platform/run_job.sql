-- Runs a job once: never twice at the same time, never sooner than half its interval, and always
-- recorded. A stepwise job is called until it has nothing more to do, with a commit after each
-- step: one step claims the work, the next one does it, so that no lock is held while a receiver
-- answers.
create or replace procedure plumb.run_job(p_job_name text, p_is_forced boolean default false)
language plpgsql
as $$
declare
    v_run record;
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
    select s.job_run_id, s.command, s.is_stepwise into v_run
    from plumb.start_job_run(p_job_name, p_is_forced) as s;
    if v_run.job_run_id is null then
        return;
    end if;
    commit;

    loop
        -- Each commit undoes what was set for the transaction only.
        set transaction isolation level read committed, read write;
        set local search_path to pg_catalog, pg_temp;
        begin
            if v_run.is_stepwise then
                execute 'select * from ' || v_run.command into v_step;
                v_message := concat_ws('; ', v_message, nullif(v_step.message, ''));
            else
                execute 'select ' || v_run.command into v_message;
            end if;
        exception
            -- Others leaves out cancelling, by which the watchdog ends a run that takes too long.
            when query_canceled or others then v_result := 'failed';
                v_message := concat_ws('; ', v_message, format('%s (%s)', sqlerrm, sqlstate));
        end;
        exit when v_result = 'failed' or not coalesce(v_step.has_more, false);
        commit;
    end loop;
    perform plumb.finish_job_run(v_run.job_run_id, v_result, v_message);
    commit;
end;
$$;
comment on procedure plumb.run_job is
'Run a job once and record it. Forced: even when disabled or too soon; PL004 while it runs.';
grant execute on procedure plumb.run_job(text, boolean) to plumb_worker;
