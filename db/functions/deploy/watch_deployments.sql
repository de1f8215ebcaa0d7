-- Opens an incident for a deployment whose process was killed: it may be half applied, and it is no
-- longer watched. Its lock is free and no sample arrives, which is how it is recognised.
create or replace function plumb.watch_deployments()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_deployment plumb.deployments;
begin
    select d.* into v_deployment
    from plumb.deployments as d
    where d.status in ('gating', 'applying', 'watching', 'rolling_back');
    if not found then
        return 'no deployment runs';
    elsif plumb.is_deployment_alive() then
        perform plumb.resolve_incident('deployment', 'lost', 'its process is back', true);
        return format('deployment %s is %s', v_deployment.name, v_deployment.status);
    elsif
        plumb.is_recent(
            v_deployment.last_seen_at, plumb.setting_interval('deploy_silence_seconds_max')
        )
    then
        return format('deployment %s has been silent for a moment', v_deployment.name);
    end if;
    perform plumb.open_deployment_incident(
        'lost',
        format('deployment %s lost its process', v_deployment.name),
        format(
            'Process %s on %s was last heard of at %s, while %s.',
            v_deployment.process_id,
            v_deployment.host,
            v_deployment.last_seen_at,
            v_deployment.status
        ),
        p_is_urgent => true
    );
    return format('deployment %s lost its process', v_deployment.name);
end;
$$;
comment on function plumb.watch_deployments() is
'Open incident deployment/lost when an unfinished deployment has no process; says what it found.';
grant execute on function plumb.watch_deployments() to plumb_worker;
