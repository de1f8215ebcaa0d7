-- For servers without pg_cron: a system timer calls this every minute, and it runs what is due.
create or replace procedure plumb.run_due_jobs()
language plpgsql
as $$
declare
    v_job_name text;
begin
    -- A procedure that commits cannot carry its own search_path.
    set local search_path to pg_catalog, pg_temp;
    for v_job_name in
        select s.job_name
        from plumb.cron_status as s
        where
            s.status <> 'disabled'
            and (
                s.last_run_at is null
                or s.last_run_at + make_interval(secs => s.interval_seconds::double precision)
                <= plumb.current_time()
            )
        order by s.last_run_at nulls first
    loop
        call plumb.run_job(v_job_name);
    end loop;
end;
$$;
comment on procedure plumb.run_due_jobs is 'Run every job whose time has come, one after another.';
