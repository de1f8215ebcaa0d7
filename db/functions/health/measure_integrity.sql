-- Measures the component integrity of health: the newest drift score, while it is recent enough.
create or replace function plumb.measure_integrity(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with newest as (
        select d.*
        from plumb.newest_drift_score() as d
    ),

    judged as (
        select
            n.*,
            not plumb.is_recent(
                n.created_at, plumb.staleness_limit('invariant_interval_ms')
            ) as is_stale
        from newest as n
    )

    select case
        when not exists (select from plumb.invariants as i where i.is_enabled)
        then (
            'unknown', 0, null, 100, 'nothing is guarded: no invariant is declared and enabled'
        )::plumb.health_measurement
        when j.score is null
        then (
            'unknown', 0, null, 100, 'no invariant was ever checked'
        )::plumb.health_measurement
        when j.is_stale
        then (
            'unknown', 0, j.score, 100,
            format('the last drift score is from %s', plumb.spoken_moment(j.created_at))
        )::plumb.health_measurement
        else (
            case
                when cardinality(j.unknown_invariants) > 0 then 'unknown'
                when j.violation_count > 0 then 'bad'
                else 'good'
            end,
            round(p_max_points * j.score / 100, 2),
            j.score,
            100,
            case
                when j.violation_count = 0 and cardinality(j.unknown_invariants) = 0
                then 'every invariant holds'
                else concat_ws(
                    '; ',
                    case
                        when j.violation_count > 0
                        then format(
                            'violations: %s, in invariants: %s',
                            j.violation_count,
                            j.invariants_violated
                        )
                    end,
                    case
                        when cardinality(j.unknown_invariants) > 0
                        then 'could not check ' || array_to_string(j.unknown_invariants, ', ')
                    end
                )
            end
        )::plumb.health_measurement
    end
    from (select 1) as always
    left join judged as j on true
$$;
comment on function plumb.measure_integrity(numeric) is 'drift score / 100 × max points.';
