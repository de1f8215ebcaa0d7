-- Returns the state of every invariant and its recent violations as JSON for the HTTP service.
create or replace function plumb.describe_invariants(p_violations_max integer default 50)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_drift plumb.drift_scores;
begin
    if p_violations_max is null or p_violations_max not between 1 and 200 then
        raise exception 'limit % is not between 1 and 200', p_violations_max
            using errcode = 'PL002', hint = 'select * from plumb.current_violations; shows all.';
    end if;
    select d.* into v_drift
    from plumb.newest_drift_score() as d;
    return json_build_object(
        'driftScore', v_drift.score,
        'scoredAt', v_drift.created_at,
        'mode', v_drift.mode,
        'stale', v_drift.created_at is null
        or not plumb.is_recent(
            v_drift.created_at, plumb.staleness_limit('invariant_interval_ms')
        ),
        'unknownInvariants', to_json(coalesce(v_drift.unknown_invariants, '{}')),
        'violationCount', (
            select count(*) from plumb.invariant_violations as v where v.cleared_at is null
        ),
        'invariants', (
            select coalesce(
                json_agg(
                    json_build_object(
                        'name', s.name,
                        'priority', s.priority,
                        'status', s.status,
                        'violationCount', s.violation_count,
                        'checkedAt', s.checked_at,
                        'durationMs', s.duration_ms,
                        'error', s.error,
                        'enforcement', s.enforcement,
                        'autoCorrect', s.auto_correct,
                        'description', s.description,
                        'runbookUrl', s.runbook_url
                    )
                    order by s.priority, s.name
                ), '[]'
            )
            from plumb.invariant_status as s
        ),
        'recentViolations', (
            select coalesce(
                json_agg(
                    json_build_object(
                        'invariant', r.invariant,
                        'priority', r.priority,
                        'subject', r.subject,
                        'explanation', r.explanation,
                        'firstSeenAt', r.first_seen_at,
                        'lastSeenAt', r.last_seen_at,
                        'clearedAt', r.cleared_at,
                        'incidentId', r.incident_id
                    )
                    order by r.first_seen_at desc, r.invariant_violation_id desc
                ), '[]'
            )
            from (
                select v.*, i.priority
                from plumb.invariant_violations as v
                inner join plumb.invariants as i on i.name = v.invariant
                order by v.first_seen_at desc, v.invariant_violation_id desc
                limit p_violations_max
            ) as r
        )
    );
end;
$$;
comment on function plumb.describe_invariants(integer) is
'Drift score, each invariant''s last check and the newest violations, as JSON.';
grant execute on function plumb.describe_invariants(integer) to plumb_reader;
