-- Summarizes the deployments of a period, by the last verdict of their gates and by how those that
-- were applied ended.
create or replace function plumb.summarize_deployments(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select v.*
    from (
        select count(*)::numeric as judged, count(*) filter (where j.is_refused) as refused
        from (
            select bool_or(g.status <> 'pass') as is_refused
            from (
                select distinct on (d.deployment, d.gate) d.deployment, d.status
                from plumb.deployment_gates as d
                where d.checked_at >= p_from and d.checked_at < p_to
                order by d.deployment, d.gate, d.checked_at desc
            ) as g
            group by g.deployment
        ) as j
    ) as t
    cross join (
        select
            count(distinct e.deployment_id) filter (
                where e.status in ('rolled_back', 'rollback_failed')
            )::numeric as taken_back,
            count(distinct e.deployment_id) filter (
                where e.status = 'inconclusive'
            )::numeric as inconclusive
        from plumb.deployment_events as e
        where e.occurred_at >= p_from and e.occurred_at < p_to
    ) as w
    cross join lateral (values
        ('deployments_judged', 'Deployments judged', 'count', t.judged),
        ('deployments_refused', 'Of them refused', 'count', t.refused),
        ('deployments_rolled_back', 'Rolled back', 'count', w.taken_back),
        ('deployments_inconclusive', 'Applied without a verdict', 'count', w.inconclusive)
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_deployments(timestamptz, timestamptz) is
'Deployments that the gates judged in a period: measure, title, unit, value.';
grant execute on function plumb.summarize_deployments(timestamptz, timestamptz) to plumb_reader;
