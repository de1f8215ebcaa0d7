-- Returns the values of the charts: the period in equal steps; null where nothing was measured, so
-- that a gap stays a gap.
create or replace function plumb.report_series(p_from timestamptz, p_to timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with steps as (
        select
            s.n,
            p_from + s.n * ((p_to - p_from) / t.step_count) as started_at,
            p_from + (s.n + 1) * ((p_to - p_from) / t.step_count) as ended_at
        from (
            select greatest(plumb.setting_number('report_chart_steps')::integer, 1) as step_count
        ) as t
        cross join lateral generate_series(0, t.step_count - 1) as s (n)
    )

    select jsonb_agg(
        jsonb_build_object(
            'at', s.started_at,
            'score', (
                select round(min(h.score), 1)
                from plumb.health_scores as h
                where h.created_at >= s.started_at and h.created_at < s.ended_at
            ),
            'drift', (
                select round(min(d.score), 1)
                from plumb.drift_scores as d
                where d.created_at >= s.started_at and d.created_at < s.ended_at
            ),
            'opened', (
                select count(*)
                from plumb.incident_events as e
                where
                    e.event in ('opened', 'reopened')
                    and e.occurred_at >= s.started_at
                    and e.occurred_at < s.ended_at
            )
        ) order by s.n
    )
    from steps as s
$$;
comment on function plumb.report_series(timestamptz, timestamptz) is
'Lowest health and drift score and incidents opened in each step of a period, as JSON.';
grant execute on function plumb.report_series(timestamptz, timestamptz) to plumb_reader;
