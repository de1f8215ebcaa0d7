-- Returns whether any session, this one included, has claimed the deployment: a process lives.
create or replace function plumb.is_deployment_alive()
returns boolean
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select plumb.is_claimed('deployment')
$$;
comment on function plumb.is_deployment_alive() is
'Whether some session that lives has claimed the running deployment.';
