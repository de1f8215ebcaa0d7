-- Moves a deployment to its next status: which may follow which, when it happened, and whom it
-- pages. A deployment that was rolled back opens an incident; one that cannot be judged, or whose
-- rollback failed, pages at once. The next one that succeeds resolves them all. A step that is
-- taken twice counts once: a process that lost the answer asks again.
create or replace function plumb.advance_deployment(
    p_deployment_id bigint, p_status text, p_reason text default ''
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_reason constant text := left(coalesce(p_reason, ''), 2000);
    v_deployment plumb.deployments := plumb.expect_deployment(p_deployment_id);
    v_next text[] := case v_deployment.status
        when 'gating' then array['refused', 'applying', 'interrupted']
        when 'applying' then array['watching', 'rolling_back', 'inconclusive']
        when 'watching' then array['succeeded', 'rolling_back', 'inconclusive']
        when 'rolling_back' then array['rolled_back', 'rollback_failed', 'inconclusive']
        when 'rollback_failed' then array['rolling_back', 'inconclusive']
        else array[]::text[]
    end;
    v_scope text;
begin
    if p_status = v_deployment.status then
        return;
    end if;
    if p_status is null or p_status <> all(v_next) then
        raise exception 'deployment % cannot be %: it is %',
            quote_literal(v_deployment.name), quote_nullable(p_status), v_deployment.status
            using errcode = 'PL005', hint = 'select * from plumb.deployment_history;';
    end if;
    update plumb.deployments as d
    set
        status = p_status,
        reason = v_reason,
        last_seen_at = v_now,
        applying_at = case p_status when 'applying' then v_now else d.applying_at end,
        applied_at = case p_status when 'watching' then v_now else d.applied_at end,
        finished_at = case
            when p_status not in ('applying', 'watching', 'rolling_back') then v_now
        end
    where d.deployment_id = p_deployment_id;
    insert into plumb.deployment_events (deployment_id, status, reason, occurred_at)
    values (p_deployment_id, p_status, v_reason, v_now);

    if p_status in ('refused', 'interrupted', 'succeeded', 'inconclusive', 'rolled_back') then
        foreach v_scope in array
            case p_status
                when 'succeeded'
                    then array['lost', 'inconclusive', 'rolled-back', 'rollback-failed']
                when 'rolled_back' then array['lost', 'rollback-failed']
                when 'inconclusive' then array['lost', 'rollback-failed']
                else array['lost']
            end
        loop
            perform plumb.resolve_incident(
                'deployment',
                v_scope,
                format('deployment %s %s', v_deployment.name, replace(p_status, '_', ' ')),
                false
            );
        end loop;
    end if;
    if p_status = 'rolled_back' then
        perform plumb.open_deployment_incident(
            'rolled-back', format('deployment %s was rolled back', v_deployment.name), v_reason
        );
    elsif p_status = 'inconclusive' then
        perform plumb.open_deployment_incident(
            'inconclusive',
            format('deployment %s cannot be judged', v_deployment.name),
            v_reason,
            p_is_urgent => true
        );
    elsif p_status = 'rollback_failed' then
        perform plumb.open_deployment_incident(
            'rollback-failed',
            format('the rollback of deployment %s failed', v_deployment.name),
            v_reason,
            'P1',
            p_is_urgent => true
        );
    end if;
end;
$$;
comment on function plumb.advance_deployment(bigint, text, text) is
'Take a deployment to its next status, with the incidents that go with it; PL005: not from here.';
grant execute on function plumb.advance_deployment(bigint, text, text) to plumb_operator;
