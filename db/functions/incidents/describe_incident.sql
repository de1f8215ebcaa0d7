-- Returns an incident as JSON, the same for alerts and for the HTTP service.
create or replace function plumb.describe_incident(p_incident_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'incidentId', i.incident_id,
        'source', i.source,
        'scope', i.scope,
        'priority', i.priority,
        'status', i.status,
        'title', i.title,
        'description', i.description,
        'runbookUrl', i.runbook_url,
        'occurrenceCount', i.occurrence_count,
        'attempts', i.attempts,
        'flapCount', i.flap_count,
        'autoHealed', i.auto_healed,
        'openedAt', i.opened_at,
        'lastSeenAt', i.last_seen_at,
        'escalatedAt', i.escalated_at,
        'acknowledgedAt', i.acknowledged_at,
        'acknowledgedBy', i.acknowledged_by,
        'silencedUntil', i.silenced_until,
        'resolvedAt', i.resolved_at,
        'closedAt', i.closed_at,
        'closedBy', i.closed_by,
        'closeReason', i.close_reason
    )
    from plumb.incidents as i
    where i.incident_id = p_incident_id
$$;
comment on function plumb.describe_incident(bigint) is
'An incident as JSON with camelCase names; null when it does not exist.';
grant execute on function plumb.describe_incident(bigint) to plumb_reader;
