-- Enables or disables a job; a new release does not undo that.
create or replace function plumb.enable_job(p_job_name text, p_is_enabled boolean default true)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update plumb.jobs set is_enabled = p_is_enabled where job_name = p_job_name;
    perform plumb.schedule_job(p_job_name);
end;
$$;
comment on function plumb.enable_job(text, boolean) is
'Let a job run, or not (false); an unknown name raises PL001.';
grant execute on function plumb.enable_job(text, boolean) to plumb_admin;
