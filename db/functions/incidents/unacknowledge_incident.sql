-- Removes the acknowledgement of an incident: an escalated incident pages again.
create or replace function plumb.unacknowledge_incident(
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
    v_incident := plumb.expect_incident(p_incident_id, 'unacknowledged', p_by);
    if v_incident.acknowledged_at is null then
        raise exception 'incident % cannot be unacknowledged: it is not acknowledged', p_incident_id
            using errcode = 'PL005', hint = 'select * from plumb.open_incidents;';
    end if;
    update plumb.incidents as i
    set acknowledged_at = null, acknowledged_by = null
    where i.incident_id = p_incident_id;
    perform plumb.record_incident_event(
        p_incident_id, 'unacknowledged', p_note, v_incident.status, p_by
    );
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.unacknowledge_incident(bigint, text, text) is
'Remove the acknowledgement of an incident; PL005 when there is none.';
grant execute on function plumb.unacknowledge_incident(bigint, text, text)
to plumb_operator, plumb_api;
