-- Returns what an event of PagerDuty (webhooks v3) or Slack (block_actions) asks for. An event of
-- another kind asks for nothing: both services may send more than was subscribed to.
create or replace function plumb.read_webhook(
    p_kind text,
    p_content bytea,
    out event_key text,
    out happened_at timestamptz,
    out action text,
    out alert_key text,
    out person text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_body text;
    v_event jsonb;
begin
    v_body := convert_from(p_content, 'UTF8');
    if p_kind = 'slack' then
        v_event := plumb.form_value(v_body, 'payload')::jsonb;
        action := case
            when v_event ->> 'type' = 'block_actions'
                then nullif(v_event #>> '{actions,0,action_id}', '')
        end;
        alert_key := v_event #>> '{actions,0,value}';
        person := coalesce(v_event #>> '{user,name}', v_event #>> '{user,username}');
    else
        v_event := v_body::jsonb -> 'event';
        event_key := v_event ->> 'id';
        happened_at := (v_event ->> 'occurred_at')::timestamptz;
        action := case v_event ->> 'event_type'
            when 'incident.acknowledged' then 'acknowledge'
            when 'incident.unacknowledged' then 'unacknowledge'
        end;
        alert_key := v_event #>> '{data,incident_key}';
        person := v_event #>> '{agent,summary}';
    end if;
    -- A name goes into the timeline and to terminals.
    person := regexp_replace(person, plumb.control_characters() || '+', ' ', 'g');
    person := coalesce(nullif(trim(left(person, 200)), ''), p_kind);
exception
    when data_exception then
        raise exception 'the body is no event of %', p_kind
            using errcode = 'PL002', hint = 'PagerDuty: webhooks v3. Slack: interactivity.';
end;
$$;
comment on function plumb.read_webhook(text, bytea) is
'What an event of pagerduty or slack asks for, of which alert, and who asked.';
