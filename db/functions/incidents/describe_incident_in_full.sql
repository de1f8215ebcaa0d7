-- Returns an incident as JSON with its timeline and its evidence: what happened when, and the
-- evidence.
create or replace function plumb.describe_incident_in_full(p_incident_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        plumb.describe_incident(i.incident_id)
        || jsonb_build_object(
            'snapshot', i.snapshot,
            'earlierSnapshots', i.earlier_snapshots,
            'timeline', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'event', e.event,
                            'fromStatus', e.from_status,
                            'toStatus', e.to_status,
                            'actor', e.actor,
                            'note', e.note,
                            'occurredAt', e.occurred_at
                        )
                        order by e.incident_event_id
                    ), '[]'
                )
                from (
                    select n.*
                    from plumb.incident_events as n
                    where n.incident_id = i.incident_id
                    order by n.incident_event_id desc
                    limit 1000
                ) as e
            )
        )
    from plumb.incidents as i
    where i.incident_id = p_incident_id
$$;
comment on function plumb.describe_incident_in_full(bigint) is
'An incident with its timeline (newest 1,000 steps) and snapshot, as JSON; null when unknown.';
grant execute on function plumb.describe_incident_in_full(bigint) to plumb_reader;
