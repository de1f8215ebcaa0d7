-- Lets this session take over a deployment whose process died or whose rollback failed.
create or replace function plumb.recover_deployment(p_host text, p_process_id integer)
returns table (deployment_id bigint, name text, status text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_deployment plumb.deployments;
begin
    if not plumb.claim('deployment') then
        raise exception 'the deployment is alive: its process holds its lock'
            using errcode = 'PL004', hint = 'select * from plumb.deployment_history;';
    end if;
    -- A rollback that failed matters until something newer was deployed.
    select d.* into v_deployment
    from plumb.deployments as d
    where
        d.status in ('gating', 'applying', 'watching', 'rolling_back', 'rollback_failed')
        and not exists (
            select
            from plumb.deployments as n
            where
                n.deployment_id > d.deployment_id
                and n.status in ('succeeded', 'inconclusive', 'rolled_back')
        )
    order by d.deployment_id desc
    limit 1;
    if not found then
        raise exception 'there is nothing to recover: every deployment came to its end'
            using errcode = 'PL001', hint = 'select * from plumb.deployment_history;';
    end if;
    update plumb.deployments as d
    set
        host = left(p_host, 200),
        process_id = p_process_id,
        last_seen_at = plumb.current_time()
    where d.deployment_id = v_deployment.deployment_id;
    return query
    select v_deployment.deployment_id, v_deployment.name, v_deployment.status;
end;
$$;
comment on function plumb.recover_deployment(text, integer) is
'Take over the deployment that was never finished or whose rollback failed; PL001: none.';
grant execute on function plumb.recover_deployment(text, integer) to plumb_operator;
