-- Carries out what a person did in PagerDuty or Slack: acknowledge an incident, or hand it back.
-- Whoever cannot sign is refused, and so is an event that came before, or comes too late.
create or replace function plumb.receive_webhook(
    p_kind text, p_body bytea, p_signature text default '', p_timestamp text default ''
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_seconds_max constant bigint := case p_kind
        when 'slack' then 300 else plumb.setting_number('webhook_age_seconds_max')
    end;
    v_destination text;
    v_event record;
    v_incident_id bigint;
    v_outcome text := 'ignored';
    v_detail text;
begin
    if
        p_kind = 'slack'
        and abs(extract(epoch from v_now) - substring(p_timestamp from '^[0-9]{1,12}$')::bigint)
        <= v_seconds_max is not true
    then
        raise exception 'the time of the signature is %, not within % s of now',
            quote_nullable(left(p_timestamp, 40)), v_seconds_max
            using errcode = 'PL008', hint = 'Compare the clocks of both servers.';
    end if;
    v_destination := plumb.signed_destination(p_kind, p_body, p_signature, p_timestamp);
    if v_destination is null then
        raise exception 'no destination of kind % has signed this', p_kind
            using
                errcode = 'PL008',
                hint = 'select plumb.receive_acknowledgements(''destination'', ''secret'');';
    end if;
    select w.* into v_event from plumb.read_webhook(p_kind, p_body) as w;
    if v_event.happened_at < v_now - make_interval(secs => v_seconds_max) then
        raise exception 'the event is of %, more than % s ago', v_event.happened_at, v_seconds_max
            using errcode = 'PL008', hint = 'The setting is webhook_age_seconds_max.';
    end if;
    insert into plumb.received_webhooks (destination, event_key, received_at)
    values (
        v_destination,
        left(coalesce(v_event.event_key, encode(sha256(
            convert_to(p_timestamp, 'UTF8') || p_body
        ), 'hex')), 200),
        v_now
    )
    on conflict do nothing;
    if not found then
        raise exception 'the event % was received before', quote_nullable(v_event.event_key)
            using errcode = 'PL005', hint = 'Each event is carried out once.';
    end if;
    if v_event.action not in ('acknowledge', 'unacknowledge') is not false then
        return jsonb_build_object('outcome', v_outcome, 'detail', 'the event asks for nothing');
    end if;
    select i.incident_id into v_incident_id
    from plumb.incidents as i
    where
        i.is_open
        and plumb.alert_key(format('plumb:%s:%s:%s', i.source, i.scope, i.incident_id))
        = v_event.alert_key;
    if v_incident_id is null then
        return jsonb_build_object('outcome', v_outcome, 'detail', 'no open incident has this key');
    end if;
    begin
        if v_event.action = 'acknowledge' then
            perform plumb.acknowledge_incident(
                v_incident_id, v_event.person, 'in ' || v_destination
            );
        else
            perform plumb.unacknowledge_incident(
                v_incident_id, v_event.person, 'in ' || v_destination
            );
        end if;
        v_outcome := v_event.action || 'd';
    exception
        -- It is so already, or the incident ended meanwhile: the person has what they wanted.
        when sqlstate 'PL005' then
            get stacked diagnostics v_detail = message_text;
    end;
    return jsonb_strip_nulls(jsonb_build_object(
        'outcome', v_outcome, 'incidentId', v_incident_id, 'detail', v_detail
    ));
end;
$$;
comment on function plumb.receive_webhook(text, bytea, text, text) is
'Carry out an event of PagerDuty or Slack; PL008 unless it is signed and new, PL005 when repeated.';
revoke execute on function plumb.receive_webhook(text, bytea, text, text) from public;
grant execute on function plumb.receive_webhook(text, bytea, text, text) to plumb_api;
