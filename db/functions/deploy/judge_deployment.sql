-- Judges the four conditions that an applied deployment is held against. Each is a breach
-- (sustained), breaching (not yet sustained), healthy or inconclusive.
create or replace function plumb.judge_deployment(p_deployment_id bigint)
returns table (condition text, status text, value numeric, threshold numeric, reason text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select c.condition, c.status, c.value, c.threshold, left(c.reason, 1000)
    from (
        select case s.condition when 'ERROR_RATE' then 1 else 2 end, s.*
        from plumb.judge_deployment_samples(p_deployment_id) as s
        union all
        select 3, i.* from plumb.judge_deployment_incidents(p_deployment_id) as i
        union all
        select 4, d.* from plumb.judge_deployment_drift(p_deployment_id) as d
    ) as c (position, condition, status, value, threshold, reason)
    order by c.position
$$;
comment on function plumb.judge_deployment(bigint) is
'Error rate, p95, new P1s and drift of an applied deployment: breach (sustained), breaching (not
yet), healthy or inconclusive; percent, ms, incidents and points.';
grant execute on function plumb.judge_deployment(bigint) to plumb_reader;
