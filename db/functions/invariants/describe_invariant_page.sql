-- Returns what the page of an invariant shows: its definition, what violates it, how its checks
-- went and what they cost, what is watched, and its incidents.
create or replace function plumb.describe_invariant_page(p_name text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select jsonb_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'name', s.name,
        'priority', s.priority,
        'status', s.status,
        'description', s.description,
        'violationCount', s.violation_count,
        'checkedAt', s.checked_at,
        'durationMs', s.duration_ms,
        'error', s.error,
        'enforcement', s.enforcement,
        'autoCorrect', s.auto_correct,
        'runbookUrl', s.runbook_url,
        'viewName', s.view_name,
        'definition', pg_get_viewdef(plumb.find_relation(s.view_name), true),
        'weight', i.weight,
        'declaredBy', i.declared_by,
        'declaredAt', i.declared_at,
        'disabledReason', i.disabled_reason,
        'disabledUntil', i.disabled_until,
        'acceptedCount', (
            select count(*) from plumb.accepted_violations as a where a.invariant = s.name
        ),
        'watches', (
            select coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'relation', w.relation, 'column', w.key_column, 'key', w.view_column
                    )
                    order by w.relation, w.key_column
                ), '[]'
            )
            from plumb.invariant_watches as w
            where w.invariant = s.name
        ),
        'violations', (
            select coalesce(jsonb_agg(to_jsonb(v) order by v.first_seen_at), '[]')
            from (
                select o.subject, o.explanation, o.details, o.blame, o.first_seen_at
                from plumb.invariant_violations as o
                where o.invariant = s.name and o.cleared_at is null
                order by o.invariant_violation_id
                limit 100
            ) as v
        ),
        'checks', (
            select coalesce(jsonb_agg(to_jsonb(k) order by k.invariant_check_id desc), '[]')
            from (
                select
                    c.invariant_check_id,
                    c.status,
                    c.violation_count,
                    c.checked_key_count,
                    c.duration_ms,
                    c.error,
                    c.checked_at
                from plumb.invariant_checks as c
                where c.invariant = s.name
                order by c.invariant_check_id desc nulls last
                limit 90
            ) as k
        ),
        'incidents', (
            select coalesce(
                jsonb_agg(plumb.describe_incident(n.incident_id) order by n.incident_id desc), '[]'
            )
            from (
                select o.incident_id
                from plumb.incidents as o
                where o.source = 'invariant' and o.scope = s.name
                order by o.incident_id desc
                limit 20
            ) as n
        )
    )
    from plumb.invariant_status as s
    inner join plumb.invariants as i on i.name = s.name
    where s.name = p_name
$$;
comment on function plumb.describe_invariant_page(text) is
'What the page of an invariant shows, as JSON; null when there is no such invariant.';
grant execute on function plumb.describe_invariant_page(text) to plumb_reader;
