-- Escalates an incident: a person is paged and auto-correct stops.
create or replace function plumb.escalate_incident(
    p_incident_id bigint, p_reason text, p_by text default session_user
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_from_status text;
    v_may_escalate boolean;
begin
    select i.status, i.is_open and i.status <> 'ESCALATED' into v_from_status, v_may_escalate
    from plumb.incidents as i
    where i.incident_id = p_incident_id
    for update;
    if v_may_escalate is not true then
        raise exception 'incident % cannot be escalated: %',
            p_incident_id, coalesce('it is ' || v_from_status, 'it does not exist')
            using errcode = 'PL005', hint = 'select * from plumb.open_incidents;';
    end if;
    update plumb.incidents as i
    set status = 'ESCALATED', escalated_at = plumb.current_time()
    where i.incident_id = p_incident_id;
    perform plumb.record_incident_event(
        p_incident_id, 'escalated', p_reason, v_from_status, p_by
    );
end;
$$;
comment on function plumb.escalate_incident(bigint, text, text) is
'Escalate an open incident now; PL005 when it is escalated already or not open.';
grant execute on function plumb.escalate_incident(bigint, text, text) to plumb_operator;
