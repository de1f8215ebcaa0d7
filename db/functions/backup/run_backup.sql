-- Starts the daily backup, where the server has the backup agent. Elsewhere a timer outside the
-- database must start it, which is all this job can report: a backup that is then not made is found
-- by its age.
create or replace function plumb.run_backup()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_report text;
begin
    if to_regprocedure('plumb.py_start_backup()') is not null then
        v_report := plumb.py_start_backup();
    end if;
    return coalesce(v_report, 'no agent here: a timer must call plumb backup run --validate');
end;
$$;
comment on function plumb.run_backup() is
'Start the daily backup and its drill, where an agent is.';
grant execute on function plumb.run_backup() to plumb_worker;
