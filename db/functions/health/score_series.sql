-- Lists the two scores over the last hours in steps of one width, the lowest of each step: null
-- where nobody measured, so that a gap stays a gap.
create or replace function plumb.score_series(p_hours integer, p_step_minutes integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with bounds as (
        select
            make_interval(mins => p_step_minutes) as width,
            plumb.current_time() as ended_at,
            plumb.current_time() - make_interval(hours => p_hours) as started_at
    ),

    health as (
        select
            floor(extract(epoch from h.created_at - b.started_at) / (p_step_minutes * 60)) as step,
            min(h.score) as score
        from bounds as b
        inner join plumb.health_scores as h
            on h.created_at >= b.started_at and h.created_at < b.ended_at
        group by 1
    ),

    drift as (
        select
            floor(extract(epoch from d.created_at - b.started_at) / (p_step_minutes * 60)) as step,
            min(d.score) as score
        from bounds as b
        inner join plumb.drift_scores as d
            on d.created_at >= b.started_at and d.created_at < b.ended_at
        group by 1
    )

    select jsonb_build_object(
        'startedAt', (select b.started_at from bounds as b),
        'endedAt', (select b.ended_at from bounds as b),
        'health', jsonb_agg(h.score order by s.n),
        'drift', jsonb_agg(d.score order by s.n)
    )
    from generate_series(0, p_hours * 60 / p_step_minutes - 1) as s (n)
    left join health as h on h.step = s.n
    left join drift as d on d.step = s.n
$$;
comment on function plumb.score_series(integer, integer) is
'The lowest health and drift score of each step of the last hours as JSON; null in a gap.';
grant execute on function plumb.score_series(integer, integer) to plumb_reader;
