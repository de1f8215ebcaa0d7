-- Lists the times in which health was not measured. A report must name such a gap: what happened in
-- it is unknown.
create or replace function plumb.report_gaps(p_from timestamptz, p_to timestamptz)
returns table (gap_started_at timestamptz, gap_ended_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select g.measured_at, g.next_measured_at
    from (
        select m.measured_at, lead(m.measured_at) over (order by m.measured_at) as next_measured_at
        from (
            select h.created_at
            from plumb.health_scores as h
            where h.created_at >= p_from and h.created_at < p_to
            union all
            select p_from
            union all
            select p_to
        ) as m (measured_at)
    ) as g
    where g.next_measured_at - g.measured_at > greatest(
        3 * plumb.setting_interval('health_interval_ms'), interval '2 minutes'
    )
    order by g.measured_at
$$;
comment on function plumb.report_gaps(timestamptz, timestamptz) is
'Times within a period in which health was not measured for three intervals or longer.';
grant execute on function plumb.report_gaps(timestamptz, timestamptz) to plumb_reader;
