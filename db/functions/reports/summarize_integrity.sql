-- Summarizes drift and violations of a period. Without a check in it all figures are unknown; it
-- does not mean that there were no violations.
create or replace function plumb.summarize_integrity(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with drift as (
        select d.score, d.created_at, d.drift_score_id
        from plumb.drift_scores as d
        where d.created_at >= p_from and d.created_at < p_to
    ),

    known as (select exists(select from drift) as is_known)

    select v.measure, v.title, v.unit, case when k.is_known then v.value end
    from known as k
    cross join lateral (values
        (
            'drift_last', 'Drift score at the end (100: none)', 'points',
            (
                select d.score
                from drift as d
                order by d.drift_score_id desc
                limit 1
            )
        ),
        ('drift_min', 'Lowest drift score', 'points', (select min(d.score) from drift as d)),
        ('checks', 'Checks of the invariants', 'count', (select count(*)::numeric from drift)),
        (
            'violations_found', 'Violations found', 'count',
            (
                select count(*)
                from plumb.invariant_violations as i
                where i.first_seen_at >= p_from and i.first_seen_at < p_to
            )
        ),
        (
            'violations_cleared', 'Violations cleared', 'count',
            (
                select count(*)
                from plumb.invariant_violations as i
                where i.cleared_at >= p_from and i.cleared_at < p_to
            )
        ),
        (
            'violations_open', 'Violations open at the end', 'count',
            (
                select count(*)
                from plumb.invariant_violations as i
                where i.first_seen_at < p_to and (i.cleared_at is null or i.cleared_at >= p_to)
            )
        ),
        (
            'rows_corrected', 'Rows corrected automatically', 'count',
            (
                select count(*)
                from plumb.quarantined_rows as q
                where q.quarantined_at >= p_from and q.quarantined_at < p_to
            )
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_integrity(timestamptz, timestamptz) is
'Drift, violations and corrections of a period: measure, title, unit, value; null is unknown.';
grant execute on function plumb.summarize_integrity(timestamptz, timestamptz) to plumb_reader;
