-- Runs every job that is due. For servers without pg_cron: a system timer calls it every minute.
create or replace procedure plumb.run_due_jobs()
language plpgsql
as $$
declare
    v_job_name text;
begin
    -- A procedure that commits cannot carry its own search_path.
    set local search_path to pg_catalog, pg_temp;
    for v_job_name in
        select d.job_name from plumb.due_jobs() as d (job_name)
    loop
        call plumb.run_job(v_job_name);
    end loop;
end;
$$;
comment on procedure plumb.run_due_jobs is 'Run every job whose time has come, one after another.';
grant execute on procedure plumb.run_due_jobs() to plumb_worker;
