-- Engages safe mode at grade F, unless a setting forbids it or a person has just disengaged it:
-- repairing the data needs writes, and the grade only recovers after the repair. While no invariant
-- was ever checked, as on a fresh installation, grade F says only that, and so it does while the
-- jobs have just begun to run again after the server was suspended or its clock was set. Where
-- requests or backups are not reported, the setting safe_mode_unknown_counts keeps their missing
-- points from stopping all writes.
create or replace function plumb.engage_safe_mode_at_f(p_health plumb.health_scores)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unknown_points numeric := 0;
begin
    if not plumb.setting('safe_mode_unknown_counts')::boolean then
        select coalesce(sum(c."maxPoints" - c.points), 0) into v_unknown_points
        from jsonb_to_recordset(p_health.components) as c (
            status text, points numeric, "maxPoints" numeric
        )
        where c.status = 'unknown';
    end if;
    if
        plumb.setting('safe_mode_auto_enabled')::boolean
        and exists (select from plumb.drift_scores)
        and (
            plumb.is_integrity_lost()
            or plumb.health_grade(p_health.score + v_unknown_points) = 'F'
            and exists (
                select from plumb.drift_scores as d
                where
                    d.invariants_holding + d.invariants_violated > 0
                    or d.unknown_invariants <> '{}'
            )
            and not exists (
                select
                from plumb.unbroken_since() as b (began_at)
                cross join plumb.newest_drift_score() as n
                where
                    n.created_at < b.began_at
                    and plumb.is_recent(
                        b.began_at, plumb.staleness_limit('invariant_interval_ms')
                    )
            )
        )
        and not exists (
            select from plumb.system_mode as m
            where
                m.mode = 'safe'
                or plumb.is_recent(
                    m.disabled_at, plumb.setting_interval('safe_mode_hold_seconds')
                )
        )
    then
        perform plumb.engage_safe_mode(
            format('health score %s is grade F', p_health.score), 'plumb', true
        );
    end if;
end;
$$;
comment on function plumb.engage_safe_mode_at_f(plumb.health_scores) is
'Engage safe mode because of a score of grade F, unless switched off or held by a recent release.';
