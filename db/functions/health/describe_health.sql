-- Describes the health for the HTTP service: the newest recorded score while it is fresh, measured
-- anew when it is not. A score of yesterday would stay green as long as the scheduler is dead;
-- measured anew, it loses the points of everything that was not checked since. So does a score that
-- was recorded before the server stopped taking writes.
create or replace function plumb.describe_health()
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_health plumb.health_scores;
    v_is_fresh boolean;
begin
    select h.* into v_health
    from plumb.newest_health_score() as h;
    v_is_fresh := found and plumb.is_recent(
        v_health.created_at, plumb.staleness_limit('health_interval_ms')
    );
    v_is_fresh := v_is_fresh and (pg_is_in_recovery() or plumb.recent_write_fault() is null);
    if not v_is_fresh then
        v_health := plumb.measure_health();
    end if;
    return json_build_object(
        'score', v_health.score,
        'grade', v_health.grade,
        'safeMode', plumb.is_safe_mode(),
        'automaticSafeMode', plumb.setting('safe_mode_auto_enabled')::boolean,
        'scoredAt', v_health.created_at,
        'measuredLive', not v_is_fresh,
        'capReason', v_health.cap_reason,
        'components', (
            select json_agg(
                json_build_object(
                    'component', c.component,
                    'status', c.status,
                    'points', c.points,
                    'maxPoints', c."maxPoints",
                    'value', c.value,
                    'threshold', c.threshold,
                    'reason', c.reason
                )
            )
            from jsonb_to_recordset(v_health.components) as c (
                component text,
                status text,
                points numeric,
                "maxPoints" numeric,
                value numeric,
                threshold numeric,
                reason text
            )
        ),
        'scheduler', plumb.describe_scheduler()
    );
end;
$$;
comment on function plumb.describe_health() is
'Score, grade, safe mode, components and scheduler as JSON; measuredLive when no score is fresh.';
grant execute on function plumb.describe_health() to plumb_reader;
