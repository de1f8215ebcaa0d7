-- Records a change of an incident in the same transaction in its timeline and in the outbox, from
-- which destinations are notified. What no person is named for, Plumbline did: its name is plumb.
create or replace function plumb.record_incident_event(
    p_incident_id bigint,
    p_event text,
    p_note text default '',
    p_from_status text default null,
    p_actor text default 'plumb'
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.incident_events (
        incident_id, event, from_status, to_status, actor, note, occurred_at
    )
    select
        i.incident_id,
        p_event,
        p_from_status,
        i.status,
        p_actor,
        coalesce(p_note, ''),
        plumb.current_time()
    from plumb.incidents as i
    where i.incident_id = p_incident_id;

    insert into plumb.outbox (topic, incident_id, dedup_key, payload, created_at)
    select
        'incident.' || p_event,
        i.incident_id,
        format('plumb:%s:%s:%s', i.source, i.scope, i.incident_id),
        plumb.describe_incident(i.incident_id) || jsonb_build_object(
            'summary', plumb.incident_summary(i.incident_id),
            'violations', plumb.incident_evidence(i.incident_id),
            'nextCommand', plumb.next_command(i.source, i.scope, i.incident_id),
            'note', coalesce(p_note, ''),
            'actor', p_actor
        ),
        plumb.current_time()
    from plumb.incidents as i
    where i.incident_id = p_incident_id;
$$;
comment on function plumb.record_incident_event(bigint, text, text, text, text) is
'Append to an incident''s timeline and to the outbox.';
