-- Closes an incident because a person says so, and why. Closing repairs nothing: a problem that
-- goes on opens a new incident at its next check; silence it to live with it.
create or replace function plumb.close_incident(
    p_incident_id bigint, p_reason text, p_by text default session_user
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
    perform plumb.expect_text('the reason for closing', p_reason);
    v_incident := plumb.expect_incident(p_incident_id, 'closed', p_by, true);
    update plumb.incidents as i
    set
        status = 'CLOSED',
        closed_at = plumb.current_time(),
        closed_by = p_by,
        close_reason = p_reason
    where i.incident_id = p_incident_id;
    perform plumb.record_incident_event(
        p_incident_id, 'closed', p_reason, v_incident.status, p_by
    );
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.close_incident(bigint, text, text) is
'Close an open or resolved incident with a reason; PL005 when it is closed.';
grant execute on function plumb.close_incident(bigint, text, text) to plumb_operator, plumb_api;
