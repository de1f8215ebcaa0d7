-- Returns everything that the page of an incident shows, in one call: the incident with its
-- evidence and timeline, what is wrong now, and what a person may want to know before acting.
create or replace function plumb.describe_incident_page(p_incident_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select
        plumb.describe_incident_in_full(i.incident_id)
        || jsonb_build_object(
            'database', current_database(),
            'now', plumb.current_time(),
            'isOpen', i.is_open,
            'summary', plumb.incident_summary(i.incident_id),
            'nextCommand', plumb.next_command(i.source, i.scope, i.incident_id),
            'firstOpenedAt', i.first_opened_at,
            'safeMode', plumb.is_safe_mode(),
            'writesNeedToken', plumb.writes_need_token(),
            'invariant', (
                select jsonb_build_object(
                    'name', v.name,
                    'autoCorrect', v.auto_correct,
                    'enforcement', v.enforcement
                )
                from plumb.invariants as v
                where i.source = 'invariant' and v.name = i.scope
            ),
            'violationCount', (
                select count(*)
                from plumb.invariant_violations as v
                where v.incident_id = i.incident_id and v.cleared_at is null
            ),
            -- What the rule says. What the log says holds logged values, for auditors only:
            -- plumb.propose_repair().
            'repairs', (
                select coalesce(jsonb_agg(r.statement || ';'), '[]')
                from (
                    select plumb.repair_by_rule(i.scope, o.subject) as statement
                    from plumb.invariant_violations as o
                    where o.incident_id = i.incident_id and o.cleared_at is null
                    order by o.invariant_violation_id
                    limit 20
                ) as r
                where i.source = 'invariant' and r.statement is not null
            ),
            'violations', (
                select coalesce(jsonb_agg(to_jsonb(v) order by v.subject), '[]')
                from (
                    select o.subject, o.explanation, o.details, o.blame, o.first_seen_at
                    from plumb.invariant_violations as o
                    where o.incident_id = i.incident_id and o.cleared_at is null
                    order by o.invariant_violation_id
                    limit 100
                ) as v
            )
        )
    from plumb.incidents as i
    where i.incident_id = p_incident_id
$$;
comment on function plumb.describe_incident_page(bigint) is
'What the page of an incident shows, as JSON; null when there is no such incident.';
grant execute on function plumb.describe_incident_page(bigint) to plumb_reader;
