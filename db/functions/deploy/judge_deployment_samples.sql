-- Judges the error rate and the p95 of a deployment over its recorded samples alone, so that the
-- same samples always give the same verdict, whoever took them.
--
-- A sample measures something if it counts at least deploy_requests_min requests. Samples in a
-- row, no two of them farther apart than deploy_gap_seconds_max, that all breach, at least
-- deploy_samples_min of them over at least deploy_sustained_seconds, are a sustained breach: it
-- counts even if it went by, for it would have rolled back at that moment. Healthy is what the
-- last deploy_sustained_seconds were, seen as densely, if the newest sample does not breach and
-- none of them reaches back to before the deployment. All else is inconclusive.
create or replace function plumb.judge_deployment_samples(p_deployment_id bigint)
returns table (condition text, status text, value numeric, threshold numeric, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with limits as (
        select
            d.*,
            coalesce(d.finished_at, plumb.current_time()) as judged_at,
            plumb.setting_number('deploy_error_percent_max') as error_percent_max,
            plumb.setting_number('deploy_p95_ratio_max') * d.baseline_p95_ms::numeric as p95_ms_max,
            plumb.setting_interval('deploy_sustained_seconds') as sustained,
            plumb.setting_interval('deploy_gap_seconds_max') as gap_max,
            plumb.setting_number('deploy_samples_min') as samples_min,
            plumb.setting_number('deploy_requests_min') as requests_min
        from plumb.deployments as d
        where d.deployment_id = p_deployment_id and d.applied_at is not null
    ),

    metrics as (
        select 'ERROR_RATE' as condition, l.error_percent_max as threshold, '%' as unit
        from limits as l
        union all
        select 'P95_LATENCY', l.p95_ms_max, 'ms'
        from limits as l
    ),

    measured as (
        select
            m.condition,
            s.sampled_at,
            v.value,
            coalesce(v.value > m.threshold, false) as is_breach,
            s.sampled_at - make_interval(secs => s.window_seconds) >= l.applied_at as is_all_new,
            lag(s.sampled_at) over w as earlier_at,
            lag(coalesce(v.value > m.threshold, false)) over w as was_breach,
            row_number() over (
                partition by m.condition order by s.sampled_at desc, s.deployment_sample_id desc
            ) as recency
        from limits as l
        inner join plumb.deployment_samples as s on s.deployment_id = l.deployment_id
        cross join metrics as m
        cross join lateral (
            select
                case m.condition
                    when 'ERROR_RATE' then s.error_rate * 100
                    else s.p95_ms::numeric
                end as value
        ) as v
        where s.error = '' and s.request_count >= l.requests_min and v.value is not null
        window w as (
            partition by m.condition order by s.sampled_at asc, s.deployment_sample_id asc
        )
    ),

    runs as (
        select
            n.*,
            count(*) filter (
                where n.earlier_at is null
                or n.sampled_at - n.earlier_at > l.gap_max
                or n.is_breach <> n.was_breach
            ) over (partition by n.condition order by n.recency desc) as run
        from measured as n
        cross join limits as l
    ),

    sustained as (
        select distinct on (r.condition)
            r.condition,
            count(*) as sample_count,
            min(r.value) as value_min,
            min(r.sampled_at) as began_at,
            extract(epoch from max(r.sampled_at) - min(r.sampled_at)) as seconds
        from runs as r
        cross join limits as l
        where r.is_breach
        group by r.condition, r.run, l.sustained, l.samples_min
        having
            max(r.sampled_at) - min(r.sampled_at) >= l.sustained and count(*) >= l.samples_min
        order by r.condition asc, began_at asc
    ),

    newest as (
        select n.condition, n.value, n.is_breach, n.sampled_at
        from measured as n
        where n.recency = 1
    ),

    lately as (
        select
            m.condition,
            count(n.sampled_at) as sample_count,
            greatest(
                min(n.sampled_at) - (l.judged_at - l.sustained),
                max(n.sampled_at - n.earlier_at)
                filter (where n.earlier_at >= l.judged_at - l.sustained),
                l.judged_at - max(n.sampled_at)
            ) as gap
        from metrics as m
        cross join limits as l
        left join measured as n
            on
                n.condition = m.condition
                and n.sampled_at >= l.judged_at - l.sustained
                and n.is_all_new
        group by m.condition, l.judged_at, l.sustained
    )

    select
        m.condition,
        case
            when u.condition is not null then 'breach'
            when n.is_breach and l.judged_at - n.sampled_at <= l.gap_max then 'breaching'
            when m.threshold is null then 'inconclusive'
            when a.sample_count < l.samples_min or a.gap > l.gap_max then 'inconclusive'
            else 'healthy'
        end as status,
        round(coalesce(u.value_min, n.value), 3) as value,
        round(m.threshold, 3) as threshold,
        case
            when u.condition is not null
                then format(
                    'at least %s %s in each of %s samples over %s s, from %s on',
                    round(u.value_min, 3), m.unit, u.sample_count, round(u.seconds), u.began_at
                )
            when n.is_breach and l.judged_at - n.sampled_at <= l.gap_max
                then format(
                    '%s %s, not yet for %s s',
                    round(n.value, 3), m.unit, extract(epoch from l.sustained)::integer
                )
            when m.threshold is null
                then 'no baseline: too few requests before, or none in good health'
            when a.sample_count = 0
                then coalesce(
                    'no measurement: ' || e.error,
                    'no sample of enough requests that began after the deployment'
                )
            when a.sample_count < l.samples_min
                then format(
                    '%s, %s needed', plumb.counted(a.sample_count, 'sample'), l.samples_min
                )
            when a.gap > l.gap_max
                then format('nothing was seen for %s s', round(extract(epoch from a.gap)))
            else format('%s %s', round(n.value, 3), m.unit)
        end as reason
    from limits as l
    cross join metrics as m
    inner join lately as a on a.condition = m.condition
    left join newest as n on n.condition = m.condition
    left join sustained as u on u.condition = m.condition
    left join lateral (
        select nullif(s.error, '') as error
        from plumb.deployment_samples as s
        where s.deployment_id = l.deployment_id
        order by s.sampled_at desc, s.deployment_sample_id desc
        limit 1
    ) as e on true
$$;
comment on function plumb.judge_deployment_samples(bigint) is
'Error rate (percent) and p95 (ms) of an applied deployment.';
revoke execute on function plumb.judge_deployment_samples(bigint) from public;
