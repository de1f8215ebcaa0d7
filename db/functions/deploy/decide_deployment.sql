-- Decides what happens next with a deployment that is being watched. One breach is enough to roll
-- back; to succeed every condition must be healthy when the watch ends; a breach that has begun by
-- then is observed until it is sustained or over. A deployment that cannot be judged is neither
-- kept as good nor rolled back: a person is paged.
create or replace function plumb.decide_deployment(p_deployment_id bigint)
returns table (decision text, reason text, is_drift_due boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_deployment plumb.deployments := plumb.expect_deployment(p_deployment_id);
    v_ends_at constant timestamptz := v_deployment.applied_at
    + make_interval(secs => v_deployment.watch_seconds);
    v_worst text;
begin
    if v_deployment.status <> 'watching' then
        raise exception 'deployment % is not watched: it is %',
            quote_literal(v_deployment.name), v_deployment.status
            using errcode = 'PL005', hint = 'select * from plumb.deployment_history;';
    end if;
    is_drift_due := not exists (
        select
        from plumb.drift_scores as d
        where
            d.created_at > v_deployment.applied_at
            and d.created_at > v_now - plumb.setting_interval('deploy_sustained_seconds')
    );
    -- The worst status decides; those that are only doubtful do so when the time is over.
    select
        j.status,
        string_agg(format('%s: %s', j.condition, j.reason), '; ')
    into v_worst, reason
    from plumb.judge_deployment(p_deployment_id) as j
    group by j.status
    order by array_position(array['breach', 'breaching', 'inconclusive', 'healthy'], j.status)
    limit 1;
    decision := case
        when v_worst = 'breach' then 'roll_back'
        when v_now < v_ends_at then 'watch'
        -- Twice the time suffices to be sustained or over, unless what is seen has gaps.
        when
            v_worst = 'breaching'
            and v_now < v_ends_at + 2 * plumb.setting_interval('deploy_sustained_seconds')
            then 'watch'
        when v_worst = 'healthy' then 'succeed'
        else 'inconclusive'
    end;
    return next;
end;
$$;
comment on function plumb.decide_deployment(bigint) is
'watch, roll_back, succeed or inconclusive, and why; and whether drift should be checked anew.';
grant execute on function plumb.decide_deployment(bigint) to plumb_operator;
