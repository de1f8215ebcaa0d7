-- Renders a message for PagerDuty's Events API v2
-- (developer.pagerduty.com/docs/events-api-v2-overview): summary up to 1024 characters, dedup_key
-- up to 255, the whole event up to 512 KB. What is too long is cut here, for PagerDuty would refuse
-- the whole event.
create or replace function plumb.render_pagerduty(
    p_message_id bigint, p_action text, p_routing_key text
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
    v_bytes_max constant integer := 512 * 1024;
    v_message plumb.outbox;
    v_event jsonb;
    v_links jsonb;
begin
    select o.* into v_message from plumb.outbox as o where o.message_id = p_message_id;
    v_event := jsonb_build_object(
        'routing_key', p_routing_key,
        'event_action', p_action,
        'dedup_key', plumb.alert_key(v_message.dedup_key)
    );
    if p_action <> 'trigger' then
        return v_event;
    end if;
    select coalesce(jsonb_agg(jsonb_build_object('href', l.href, 'text', l.label)), '[]')
    into v_links
    from plumb.alert_links(v_message.payload) as l;
    v_event := v_event || jsonb_build_object(
        'client', 'Plumbline',
        'links', v_links,
        'payload', jsonb_build_object(
            'summary', left(concat_ws(
                ' ',
                '[' || (v_message.payload ->> 'priority') || ']',
                plumb.alert_title(v_message.topic, v_message.payload)
            ), 1024),
            'source', current_database(),
            'severity', plumb.alert_severity(v_message.payload ->> 'priority'),
            'timestamp', v_message.created_at,
            'component', left(coalesce(v_message.payload ->> 'scope', v_message.topic), 255),
            'group', left(coalesce(v_message.payload ->> 'source', 'plumbline'), 255),
            'class', v_message.topic,
            'custom_details', v_message.payload || jsonb_build_object(
                'violations', plumb.incident_evidence(v_message.incident_id),
                'lines', to_jsonb(plumb.alert_lines(p_message_id))
            )
        )
    );
    if octet_length(v_event::text) > v_bytes_max then
        v_event := jsonb_set(v_event, '{payload,custom_details}', jsonb_build_object(
            'error', format('the details were %s bytes, too many to send', octet_length(
                v_message.payload::text
            )),
            'incidentId', v_message.incident_id
        ));
    end if;
    return v_event;
end;
$$;
comment on function plumb.render_pagerduty(bigint, text, text) is
'A message as the event that PagerDuty receives. Holds the routing key.';
