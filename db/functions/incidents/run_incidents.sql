-- Runs the job incidents: escalates what is due, so that no incident stays open unnoticed because
-- its source no longer reports.
create or replace function plumb.run_incidents()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select format('%s escalated', plumb.escalate_due_incidents())
$$;
comment on function plumb.run_incidents() is 'Escalate what is due; says how many.';
grant execute on function plumb.run_incidents() to plumb_worker;
