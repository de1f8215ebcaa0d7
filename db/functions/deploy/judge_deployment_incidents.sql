-- Judges whether P1 incidents opened since a deployment: here, or at the address that is watched.
create or replace function plumb.judge_deployment_incidents(p_deployment_id bigint)
returns table (condition text, status text, value numeric, threshold numeric, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with limits as (
        select
            d.*
        from plumb.deployments as d
        where d.deployment_id = p_deployment_id and d.applied_at is not null
    ),

    outside as (
        select s.drift_score, s.open_p1_count
        from plumb.deployment_samples as s
        where s.deployment_id = p_deployment_id and s.error = '' and s.reported_at is not null
        order by s.sampled_at desc, s.deployment_sample_id desc
        limit 1
    ),

    p1 as (
        select count(*) as open_count, string_agg(i.title, '; ' order by i.opened_at) as titles
        from limits as l
        inner join plumb.incidents as i
            on
                i.priority = 'P1'
                and i.is_open
                and i.source <> 'deployment'
                and i.incident_id <> all(l.baseline_incident_ids)
    )

    select
        'NEW_P1_INCIDENTS',
        case
            when p.open_count > 0 or o.open_p1_count > r.known then 'breach' else 'healthy'
        end,
        greatest(p.open_count, o.open_p1_count - r.known),
        0,
        case
            when p.open_count > 0 then 'new: ' || p.titles
            when o.open_p1_count > r.known
                then format('the watched address says %s, before %s', o.open_p1_count, r.known)
            else 'no new P1 incident'
        end
    from limits as l
    cross join p1 as p
    left join outside as o on true
    cross join lateral (
        select coalesce((l.baseline_sample ->> 'openP1')::integer, 0) as known
    ) as r
$$;
comment on function plumb.judge_deployment_incidents(bigint) is
'P1 incidents that are new since a deployment was applied.';
revoke execute on function plumb.judge_deployment_incidents(bigint) from public;
