-- Records a sample of a deployment that is being watched. Without a sample from outside the
-- database measures itself, and only windows that began after the deployment count: what the old
-- release did says nothing about the new one. A sample without values is recorded as well, with its
-- reason.
create or replace function plumb.record_deployment_sample(
    p_deployment_id bigint,
    p_sample jsonb default null,
    p_error text default '',
    p_age_seconds double precision default 0
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_deployment plumb.deployments := plumb.expect_deployment(p_deployment_id);
    v_sample plumb.deployment_samples;
    v_observation_count bigint;
begin
    if v_deployment.status <> 'watching' then
        raise exception 'deployment % is not watched: it is %',
            quote_literal(v_deployment.name), v_deployment.status
            using errcode = 'PL005', hint = 'select * from plumb.deployment_history;';
    end if;
    v_sample.sampled_at := v_now - make_interval(secs => greatest(p_age_seconds, 0));
    v_sample.window_seconds := 0;
    v_sample.error := left(coalesce(p_error, ''), 500);
    if p_sample is not null then
        v_sample.window_seconds := coalesce((p_sample ->> 'windowSeconds')::double precision, 0);
        v_sample.request_count := (p_sample ->> 'requestCount')::bigint;
        v_sample.error_rate := (p_sample ->> 'errorRate')::numeric;
        v_sample.p95_ms := (p_sample ->> 'p95Ms')::double precision;
        v_sample.drift_score := (p_sample ->> 'driftScore')::numeric;
        v_sample.open_p1_count := (p_sample ->> 'openP1')::integer;
        v_sample.reported_at := left(p_sample ->> 'sampledAt', 100);
        if exists (
            select
            from plumb.deployment_samples as s
            where
                s.deployment_id = p_deployment_id
                and s.reported_at = v_sample.reported_at
                and s.error = ''
        ) then
            v_sample.error := 'an old answer: it says sampledAt of one before';
        end if;
    elsif v_sample.error = '' then
        select
            count(*),
            coalesce(sum(o.request_count), 0),
            sum(o.error_count)::numeric / nullif(sum(o.request_count), 0),
            sum(o.p95_ms * o.request_count)
            / nullif(sum(o.request_count) filter (where o.p95_ms is not null), 0)
        into
            v_observation_count, v_sample.request_count, v_sample.error_rate, v_sample.p95_ms
        from plumb.perf_observations as o
        where
            o.route = '*'
            and o.window_started_at >= v_deployment.applied_at
            and o.window_started_at + make_interval(secs => o.window_seconds)
            > v_now - plumb.setting_interval('deploy_window_seconds');
        if v_observation_count = 0 then
            v_sample.error := 'no requests are reported';
        end if;
    end if;
    insert into plumb.deployment_samples (
        deployment_id, sampled_at, window_seconds, request_count, error_rate, p95_ms,
        drift_score, open_p1_count, reported_at, error
    )
    values (
        p_deployment_id, v_sample.sampled_at, v_sample.window_seconds, v_sample.request_count,
        v_sample.error_rate, v_sample.p95_ms, v_sample.drift_score, v_sample.open_p1_count,
        v_sample.reported_at, v_sample.error
    );
    update plumb.deployments set last_seen_at = v_now where deployment_id = p_deployment_id;
end;
$$;
comment on function plumb.record_deployment_sample(bigint, jsonb, text, double precision) is
'Keep what was seen of a deployment: a sample from outside, or the database''s own traffic.';
grant execute on function plumb.record_deployment_sample(
    bigint, jsonb, text, double precision
) to plumb_operator;
