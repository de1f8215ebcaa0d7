-- Returns whether ./plumb scheduler has to run: where pg_cron starts no job, or no function of the
-- server can deliver an alert.
create or replace function plumb.needs_scheduler()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        to_regproc('plumb.py_post') is null
        or not exists (select from plumb.jobs as j where j.schedule is not null)
$$;
comment on function plumb.needs_scheduler() is
'Whether jobs or alerts need ./plumb scheduler, because the server cannot run or deliver them.';
grant execute on function plumb.needs_scheduler() to plumb_reader;
