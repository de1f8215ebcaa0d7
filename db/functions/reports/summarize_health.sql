-- Summarizes the health of a period. Safe mode's time comes from its switches, the newest before
-- the period included; a period without a score has no figures, not zeros, and one that ends in a
-- gap no last score: a scheduler that died must not leave its last score standing.
create or replace function plumb.summarize_health(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with scores as (
        select h.score, h.created_at, h.health_score_id
        from plumb.health_scores as h
        where h.created_at >= p_from and h.created_at < p_to
    ),

    modes as (
        select
            c.mode,
            greatest(c.changed_at, p_from) as started_at,
            least(
                coalesce(
                    lead(c.changed_at) over (order by c.changed_at, c.system_mode_change_id), p_to
                ),
                p_to
            ) as ended_at
        from plumb.system_mode_changes as c
        where c.changed_at < p_to
    )

    select v.*
    from (values
        (
            'score_last', 'Health score at the end', 'points',
            (
                select s.score
                from scores as s
                where not exists (
                    select
                    from plumb.report_gaps(p_from, p_to) as g
                    where g.gap_ended_at = p_to
                )
                order by s.health_score_id desc
                limit 1
            )
        ),
        ('score_average', 'Average health score', 'points', (select avg(s.score) from scores as s)),
        ('score_min', 'Lowest health score', 'points', (select min(s.score) from scores as s)),
        (
            'safe_mode_seconds', 'Time in safe mode', 'seconds',
            (
                select coalesce(sum(extract(epoch from m.ended_at - m.started_at)), 0)
                from modes as m
                where m.mode = 'safe' and m.ended_at > m.started_at
            )
        ),
        (
            'unmeasured_seconds', 'Time not measured', 'seconds',
            (
                select coalesce(sum(extract(epoch from g.gap_ended_at - g.gap_started_at)), 0)
                from plumb.report_gaps(p_from, p_to) as g
            )
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_health(timestamptz, timestamptz) is
'Health, safe mode and gaps of a period: measure, title, unit, value; null is unknown.';
grant execute on function plumb.summarize_health(timestamptz, timestamptz) to plumb_reader;
