-- Returns how often a job runs, for the role that runs it, which may read no table.
create or replace function plumb.job_interval(p_job_name text)
returns interval
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.setting_interval(j.interval_setting)
    from plumb.jobs as j
    where j.job_name = p_job_name
$$;
comment on function plumb.job_interval(text) is 'The interval of a job; null when there is none.';
grant execute on function plumb.job_interval(text) to plumb_worker;
