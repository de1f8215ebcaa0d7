-- Stores what was normal before a deployment, while it still is: p95 and error rate of healthy
-- windows, the drift score and the P1 incidents that were there already. Where an address is
-- watched, what it says is compared with what it said. Too little traffic makes no baseline, and
-- without one the latency of the new release can be neither good nor bad.
create or replace function plumb.freeze_baseline(
    p_deployment_id bigint, p_sample jsonb default null
)
returns table (p95_ms double precision, error_rate numeric, request_count bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_deployment plumb.deployments := plumb.expect_deployment(p_deployment_id);
    v_p95_ms double precision;
    v_error_rate numeric;
    v_request_count bigint;
begin
    if v_deployment.status <> 'gating' then
        raise exception 'the baseline of deployment % is frozen: it is %',
            quote_literal(v_deployment.name), v_deployment.status
            using errcode = 'PL005', hint = 'A baseline is what was before.';
    end if;
    if p_sample is null then
        select
            percentile_cont(0.5) within group (order by o.p95_ms),
            sum(o.error_count)::numeric / nullif(sum(o.request_count), 0),
            coalesce(sum(o.request_count), 0)
        into v_p95_ms, v_error_rate, v_request_count
        from plumb.perf_observations as o
        where
            o.route = '*'
            and o.request_count > 0
            and o.error_count * 100
            <= o.request_count * plumb.setting_number('deploy_error_percent_max')
            and o.window_started_at > plumb.current_time()
                - plumb.setting_interval('deploy_baseline_seconds');
    else
        v_request_count := coalesce((p_sample ->> 'requestCount')::bigint, 0);
        v_error_rate := (p_sample ->> 'errorRate')::numeric;
        if v_error_rate * 100 <= plumb.setting_number('deploy_error_percent_max') then
            v_p95_ms := (p_sample ->> 'p95Ms')::double precision;
        end if;
    end if;
    if v_request_count < plumb.setting_number('deploy_requests_min') then
        v_p95_ms := null;
    end if;
    update plumb.deployments as d
    set
        baseline_taken_at = plumb.current_time(),
        -- Twice nothing is nothing: any request would breach it.
        baseline_p95_ms = nullif(v_p95_ms, 0),
        baseline_error_rate = v_error_rate,
        baseline_request_count = v_request_count,
        baseline_sample = p_sample,
        baseline_drift_score = (
            select s.score
            from plumb.newest_drift_score() as s
        ),
        baseline_incident_ids = array(
            select i.incident_id
            from plumb.incidents as i
            where i.priority = 'P1' and i.is_open
        )
    where d.deployment_id = p_deployment_id;
    return query select nullif(v_p95_ms, 0), v_error_rate, v_request_count;
end;
$$;
comment on function plumb.freeze_baseline(bigint, jsonb) is
'Keep what was normal before a deployment: from healthy windows, or from a sample of its URL.';
grant execute on function plumb.freeze_baseline(bigint, jsonb) to plumb_operator;
