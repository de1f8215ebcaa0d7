-- Judges the drift score since a deployment: it may not fall below its limit, nor by more than
-- deploy_drift_fall_max below what it was before.
create or replace function plumb.judge_deployment_drift(p_deployment_id bigint)
returns table (condition text, status text, value numeric, threshold numeric, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with limits as (
        select
            d.*,
            coalesce(d.finished_at, plumb.current_time()) as judged_at,
            plumb.setting_interval('deploy_sustained_seconds') as sustained,
            plumb.setting_number('gate_drift_score_min') as drift_score_min,
            plumb.setting_number('deploy_drift_fall_max') as drift_fall_max
        from plumb.deployments as d
        where d.deployment_id = p_deployment_id and d.applied_at is not null
    ),

    drift as (
        select d.*
        from limits as l
        inner join plumb.newest_drift_score() as d on d.created_at > l.applied_at
    ),

    outside as (
        select s.drift_score, s.open_p1_count
        from plumb.deployment_samples as s
        where s.deployment_id = p_deployment_id and s.error = '' and s.reported_at is not null
        order by s.sampled_at desc, s.deployment_sample_id desc
        limit 1
    )

    select
        'DRIFT_SCORE',
        case
            when least(d.score, o.drift_score) < r.score_min or o.drift_score < r.outside_min
                then 'breach'
            when
                d.score is null
                or cardinality(d.unknown_invariants) > 0
                or d.created_at < l.judged_at - 2 * l.sustained
                then 'inconclusive'
            else 'healthy'
        end,
        least(d.score, o.drift_score),
        r.score_min,
        case
            when d.score < r.score_min
                then format(
                    '%s after the deployment, %s before',
                    d.score, coalesce(l.baseline_drift_score::text, 'unknown')
                )
            when o.drift_score < greatest(r.score_min, r.outside_min)
                then format('the watched address says %s', o.drift_score)
            when d.score is null then 'no invariant was checked after the deployment'
            when cardinality(d.unknown_invariants) > 0
                then 'could not check ' || array_to_string(d.unknown_invariants, ', ')
            when d.created_at < l.judged_at - 2 * l.sustained
                then format(
                    'the last drift score is from %s', plumb.spoken_moment(d.created_at)
                )
            else 'as before'
        end
    from limits as l
    left join drift as d on true
    left join outside as o on true
    cross join lateral (
        select
            greatest(l.drift_score_min, l.baseline_drift_score - l.drift_fall_max) as score_min,
            (l.baseline_sample ->> 'driftScore')::numeric - l.drift_fall_max as outside_min
    ) as r
$$;
comment on function plumb.judge_deployment_drift(bigint) is
'The drift score since a deployment was applied.';
revoke execute on function plumb.judge_deployment_drift(bigint) from public;
