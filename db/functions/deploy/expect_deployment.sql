-- Locks a deployment for a step of its own.
create or replace function plumb.expect_deployment(p_deployment_id bigint)
returns plumb.deployments
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_deployment plumb.deployments;
begin
    select d.* into v_deployment
    from plumb.deployments as d
    where d.deployment_id = p_deployment_id
    for update;
    if not found then
        raise exception 'there is no deployment %', p_deployment_id
            using errcode = 'PL001', hint = 'select deployment_id, name from plumb.deployments;';
    end if;
    return v_deployment;
end;
$$;
comment on function plumb.expect_deployment(bigint) is
'Lock and return a deployment; PL001 when there is none.';
