-- Checks a deployment against the six gates and records every verdict. For a deployment that was
-- not started, as in a pipeline that only checks, it records a deployment of its own, so that GET
-- /deployments shows which were allowed and which were refused.
create or replace function plumb.check_deployment_gates(
    p_deployment text,
    p_coverage numeric default null,
    p_expected_revision text default null,
    p_deployment_id bigint default null
)
returns table (gate text, value text, threshold text, status text, reason text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_deployment_id bigint := p_deployment_id;
    v_gates jsonb;
    v_blocking text;
begin
    perform plumb.expect_deployment_name(p_deployment);
    perform plumb.expect_coverage(p_coverage);
    select jsonb_agg(to_jsonb(g)) into v_gates
    from plumb.measure_deployment_gates(p_coverage, p_expected_revision) as g;
    if p_deployment_id is null then
        select string_agg(format('%s: %s', g.gate, g.reason), '; ') into v_blocking
        from jsonb_to_recordset(v_gates) as g (gate text, status text, reason text)
        where g.status <> 'pass';
        insert into plumb.deployments (
            name, status, reason, started_at, last_seen_at, finished_at
        )
        values (
            p_deployment,
            case when v_blocking is null then 'cleared' else 'refused' end,
            coalesce(v_blocking, 'all gates pass'),
            v_now,
            v_now,
            v_now
        )
        returning deployments.deployment_id into v_deployment_id;
    elsif not exists (
        select
        from plumb.deployments as d
        where d.deployment_id = p_deployment_id and d.name = p_deployment
    ) then
        raise exception 'deployment % is not %', p_deployment_id, quote_literal(p_deployment)
            using errcode = 'PL001', hint = 'select deployment_id, name from plumb.deployments;';
    end if;
    insert into plumb.deployment_gates (
        deployment, deployment_id, gate, status, value, threshold, reason, checked_at
    )
    select p_deployment, v_deployment_id, g.gate, g.status, g.value, g.threshold, g.reason, v_now
    from jsonb_to_recordset(v_gates) as g (
        gate text, status text, value text, threshold text, reason text
    );
    return query
    select g.gate, g.value, g.threshold, g.status, g.reason
    from jsonb_to_recordset(v_gates) as g (
        gate text, value text, threshold text, status text, reason text
    );
end;
$$;
comment on function plumb.check_deployment_gates(text, numeric, text, bigint) is
'Judge the six gates for a deployment and keep the judgement; coverage in percent, or null.';
grant execute on function plumb.check_deployment_gates(
    text, numeric, text, bigint
) to plumb_operator;
