-- Repeats a job until its next start is due. pg_cron before 1.5 knows no seconds, so a job that
-- must run more often than once a minute is started every minute and repeated here. While a run of
-- another job keeps pg_cron from starting any, it goes on for another minute: sealing and alerts
-- wait for no long verification.
create or replace procedure plumb.repeat_job(p_job_name text)
language plpgsql
as $$
declare
    v_interval interval;
    v_ends_at timestamptz;
    v_started_at timestamptz;
begin
    -- A procedure that commits cannot carry its own search_path.
    set local search_path to pg_catalog, pg_temp;
    v_ends_at := clock_timestamp() + interval '55 seconds';
    v_interval := plumb.job_interval(p_job_name);
    loop
        v_started_at := clock_timestamp();
        call plumb.run_job(p_job_name);
        set local search_path to pg_catalog, pg_temp;
        if clock_timestamp() + v_interval > v_ends_at then
            exit when not plumb.is_scheduler_held();
            v_ends_at := v_ends_at + interval '1 minute';
        end if;
        perform pg_sleep_until(v_started_at + v_interval);
        -- Ends the transaction that slept, so that the next run sees the present.
        commit;
        set local search_path to pg_catalog, pg_temp;
    end loop;
end;
$$;
comment on procedure plumb.repeat_job is
'Run a job at its interval of seconds until pg_cron can start it again.';
grant execute on procedure plumb.repeat_job(text) to plumb_worker;
