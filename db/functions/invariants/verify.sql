-- Reads every invariant in full, scores the health that follows from it, and reports both in one
-- call. What could not be judged is unknown, and unknown is not true.
create or replace function plumb.verify()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last_event_id bigint;
    v_checks jsonb;
    v_invariants jsonb;
    v_health plumb.health_scores;
begin
    select coalesce(max(e.incident_event_id), 0) into v_last_event_id
    from plumb.incident_events as e;
    -- A statement of its own: the next one sees what this one wrote.
    select jsonb_agg(to_jsonb(c)) into v_checks from plumb.check_invariants('deep') as c;
    select jsonb_agg(
        jsonb_build_object(
            'name', c.invariant,
            'priority', i.priority,
            'status', c.status,
            'violationCount', c.violation_count,
            'durationMs', c.duration_ms,
            'example', v.explanation,
            'error', c.error
        )
        order by i.priority, c.invariant
    )
    into v_invariants
    from jsonb_to_recordset(v_checks) as c (
        invariant text, status text, violation_count bigint, duration_ms numeric, error text
    )
    inner join plumb.invariants as i on i.name = c.invariant
    left join lateral (
        select o.explanation
        from plumb.invariant_violations as o
        where o.invariant = c.invariant and o.cleared_at is null
        order by o.first_seen_at, o.invariant_violation_id
        limit 1
    ) as v on true;
    v_health := plumb.score_health();
    return jsonb_build_object(
        'result',
        case
            when v_invariants @> '[{"status": "violated"}]' then 'violated'
            when v_invariants is null or v_invariants @> '[{"status": "unknown"}]' then 'unknown'
            else 'holds'
        end,
        'invariants', coalesce(v_invariants, '[]'),
        'driftScore', (
            select d.score
            from plumb.newest_drift_score() as d
        ),
        'health', jsonb_build_object(
            'score', v_health.score,
            'grade', v_health.grade,
            'safeMode', v_health.is_safe_mode,
            'capReason', v_health.cap_reason
        ),
        'changes', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'incidentId', e.incident_id,
                        'priority', i.priority,
                        'scope', i.scope,
                        'event', e.event,
                        'note', e.note
                    )
                    order by e.incident_event_id
                ),
                '[]'
            )
            from plumb.incident_events as e
            inner join plumb.incidents as i on i.incident_id = e.incident_id
            where e.incident_event_id > v_last_event_id
        ),
        'openIncidents', (
            select coalesce(
                jsonb_agg(plumb.describe_incident(i.incident_id) order by i.priority, i.opened_at),
                '[]'
            )
            from plumb.incidents as i
            where i.is_open
        )
    );
end;
$$;
comment on function plumb.verify() is
'Deep scan and health score in one report; result is holds, violated or unknown.';
grant execute on function plumb.verify() to plumb_operator;
