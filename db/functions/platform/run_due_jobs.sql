-- Runs every job that is due, each in transactions of its own: what ./plumb scheduler does, and
-- any timer can. Several sessions may call it at once, because each job is claimed. A limit leaves
-- out the jobs that may take long, so that a call for the others does not wait behind them. A timer
-- that knows no seconds lets it repeat itself until the next call is due, or for another minute
-- where pg_cron cannot call (plumb.is_scheduler_held()).
create or replace procedure plumb.run_due_jobs(
    p_timeout_seconds_max integer default null, p_repeat_seconds integer default 0
)
language plpgsql
as $$
declare
    v_ends_at timestamptz
    := pg_catalog.clock_timestamp() operator(pg_catalog.+) pg_catalog.make_interval(
        secs => p_repeat_seconds
    );
    v_job_name text;
begin
    loop
        -- A procedure that commits cannot carry its own search_path.
        set local search_path to pg_catalog, pg_temp;
        for v_job_name in
            select d.job_name from plumb.due_jobs(p_timeout_seconds_max) as d (job_name)
        loop
            call plumb.run_job(v_job_name);
        end loop;
        set local search_path to pg_catalog, pg_temp;
        if clock_timestamp() + interval '1 second' > v_ends_at then
            exit when p_repeat_seconds = 0 or not plumb.is_scheduler_held();
            v_ends_at := v_ends_at + interval '1 minute';
        end if;
        perform pg_sleep(1);
        -- Ends the transaction that slept, so that the next look sees the present.
        commit;
    end loop;
end;
$$;
comment on procedure plumb.run_due_jobs is
'Run every job whose time has come, one after another; with a limit, those whose timeout is at
most that many seconds. Repeats itself each second for p_repeat_seconds.';
grant execute on procedure plumb.run_due_jobs(integer, integer) to plumb_worker;
