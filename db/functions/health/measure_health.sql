-- Measures the health score as it is now: the sum of six components, each with its explanation. The
-- sum alone cannot see a disaster of integrity (drift 0 and two P1s still leave 50), so drift below
-- a limit together with an open P1 caps it at F; that cap is a setting and may be switched off.
-- While the server takes no writes the score is capped as well: nothing that happens is on record.
-- That cap is no F, for safe mode would outlive the full disk. Nothing is recorded here, so that
-- looking is always allowed, on a standby too.
create or replace function plumb.measure_health()
returns plumb.health_scores
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_component plumb.health_components;
    v_measured plumb.health_measurement;
    v_health plumb.health_scores;
    v_write_fault text;
begin
    v_health.components := '[]';
    v_health.score := 0;
    for v_component in
        select c.* from plumb.health_components as c order by c.position
    loop
        begin
            execute format(
                'select m.status, m.points, m.value, m.threshold, m.reason from %s($1) as m',
                to_regprocedure(v_component.measured_by || '(numeric)')::regproc
            )
            into
                v_measured.status,
                v_measured.points,
                v_measured.value,
                v_measured.threshold,
                v_measured.reason
            using v_component.max_points;
        exception
            when others then v_measured := ('unknown', 0, null, null, sqlerrm);
        end;
        v_health.score := v_health.score + v_measured.points;
        v_health.components := v_health.components || jsonb_build_object(
            'component', v_component.component,
            'status', v_measured.status,
            'points', v_measured.points,
            'maxPoints', v_component.max_points,
            'value', v_measured.value,
            'threshold', v_measured.threshold,
            'reason', v_measured.reason
        );
    end loop;

    if
        plumb.setting('health_cap_enabled')::boolean
        and v_health.score > plumb.setting_number('health_cap_score')
        and plumb.is_integrity_lost()
    then
        v_health.cap_reason := format(
            'drift below %s with an open P1 incident caps the score; the sum was %s',
            plumb.setting('health_cap_drift_below'),
            v_health.score
        );
        v_health.score := plumb.setting_number('health_cap_score');
    end if;
    if not pg_is_in_recovery() then
        v_write_fault := plumb.write_fault();
    end if;
    if
        v_write_fault is not null
        and v_health.score > plumb.setting_number('health_no_writes_score')
    then
        v_health.cap_reason := format(
            'writes fail: %s; the sum was %s', v_write_fault, v_health.score
        );
        v_health.score := plumb.setting_number('health_no_writes_score');
    end if;
    v_health.grade := plumb.health_grade(v_health.score);
    v_health.is_safe_mode := plumb.is_safe_mode();
    v_health.created_at := plumb.current_time();
    return v_health;
end;
$$;
comment on function plumb.measure_health() is
'The health score as of now, with its components and grade, not recorded.';
