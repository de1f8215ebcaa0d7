-- Records the health score of this moment, and engages safe mode at grade F.
create or replace function plumb.score_health()
returns plumb.health_scores
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_health plumb.health_scores := plumb.measure_health();
begin
    if v_health.grade = 'F' then
        perform plumb.engage_safe_mode_at_f(v_health);
    end if;
    insert into plumb.health_scores (
        score, grade, is_safe_mode, components, cap_reason, created_at
    )
    values (
        v_health.score,
        v_health.grade,
        plumb.is_safe_mode(),
        v_health.components,
        v_health.cap_reason,
        v_health.created_at
    )
    returning * into v_health;
    return v_health;
end;
$$;
comment on function plumb.score_health() is
'Measure, record and return the health score (0 to 100); grade F engages safe mode.';
grant execute on function plumb.score_health() to plumb_operator, plumb_api;
