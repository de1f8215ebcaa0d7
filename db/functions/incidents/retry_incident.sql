-- The trouble is still there a cycle later: one more chance to heal, and after the third, or
-- when it is too old, a person is called.
create or replace function plumb.retry_incident(p_incident_id bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_incident plumb.incidents;
    v_reason text;
begin
    update plumb.incidents as i
    set
        attempts = i.attempts + 1,
        status = case i.status when 'OPEN' then 'AUTO_HEALING' else i.status end
    where i.incident_id = p_incident_id
    returning i.* into v_incident;
    if v_incident.status = 'ESCALATED' then
        return p_incident_id;
    end if;
    if v_incident.attempts = 1 then
        perform plumb.record_incident_event(
            p_incident_id, 'auto_healing', 'still there, waiting for it to heal', 'OPEN'
        );
    end if;
    v_reason := case
        when v_incident.attempts >= plumb.setting_number('escalate_attempts')
        then format('not healed after %s attempts', v_incident.attempts)
        when v_now - v_incident.opened_at
        > make_interval(secs => plumb.setting_number('escalate_age_seconds')::integer)
        then format(
            'open for %s s', round(extract(epoch from v_now - v_incident.opened_at))
        )
        when v_incident.flap_count >= plumb.setting_number('escalate_flaps')
        then format('came back %s times', v_incident.flap_count)
    end;
    if v_reason is not null then
        perform plumb.escalate_incident(p_incident_id, v_reason);
    end if;
    return p_incident_id;
end;
$$;
comment on function plumb.retry_incident(bigint) is
'Count one more attempt to heal and escalate when there were enough; returns the id.';
