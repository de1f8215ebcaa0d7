-- Acknowledges an open incident: escalated alerts stop while it is acknowledged, because a person
-- works on it.
create or replace function plumb.acknowledge_incident(
    p_incident_id bigint, p_by text default session_user, p_note text default ''
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident plumb.incidents;
begin
    v_incident := plumb.expect_incident(p_incident_id, 'acknowledged', p_by);
    if v_incident.acknowledged_at is not null then
        raise exception 'incident % cannot be acknowledged: % did already',
            p_incident_id, v_incident.acknowledged_by
            using errcode = 'PL005', hint = 'Unacknowledge it first to take it over.';
    end if;
    update plumb.incidents as i
    set acknowledged_at = plumb.current_time(), acknowledged_by = p_by
    where i.incident_id = p_incident_id;
    perform plumb.record_incident_event(
        p_incident_id, 'acknowledged', p_note, v_incident.status, p_by
    );
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.acknowledge_incident(bigint, text, text) is
'Acknowledge an open incident; PL005 when it is not open or another person has acknowledged it.';
grant execute on function plumb.acknowledge_incident(bigint, text, text)
to plumb_operator, plumb_api;
