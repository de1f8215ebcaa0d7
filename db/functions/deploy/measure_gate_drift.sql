-- Measures the gate DRIFT_SCORE: the newest score is high enough and no older than twice the
-- interval of the checks and a minute; an invariant that could not be checked makes it unknown.
create or replace function plumb.measure_gate_drift()
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'DRIFT_SCORE',
        trunc(d.score, 2)::text,
        '>= ' || l.score_min,
        case
            when d.score is null or d.is_stale or d.checked_count = 0 then 'unknown'
            when d.score < l.score_min then 'fail'
            when cardinality(d.unknown_invariants) > 0 then 'unknown'
            else 'pass'
        end,
        case
            when d.score is null then 'no invariant was ever checked'
            when d.is_stale
                then format(
                    'the last drift score is from %s', plumb.spoken_moment(d.created_at)
                )
            when cardinality(d.unknown_invariants) > 0
                then 'could not check ' || array_to_string(d.unknown_invariants, ', ')
            when d.checked_count = 0 then 'no invariant is enabled'
            when d.violation_count > 0
                then format(
                    'violations: %s, in invariants: %s', d.violation_count, d.invariants_violated
                )
            else 'every invariant holds'
        end
    from (
        select
            plumb.setting_number('gate_drift_score_min') as score_min,
            plumb.staleness_limit('invariant_interval_ms') as age_max
    ) as l
    left join lateral (
        select
            s.*,
            s.invariants_holding + s.invariants_violated as checked_count,
            not plumb.is_recent(s.created_at, l.age_max) as is_stale
        from plumb.newest_drift_score() as s
    ) as d on true
$$;
comment on function plumb.measure_gate_drift() is
'Gate: the newest drift score is high enough.';
revoke execute on function plumb.measure_gate_drift() from public;
