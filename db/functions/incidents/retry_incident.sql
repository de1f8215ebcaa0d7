-- Runs the auto-correct of an incident again in the next cycle, until its attempts are used up.
create or replace function plumb.retry_incident(p_incident_id bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident plumb.incidents;
begin
    update plumb.incidents as i
    set
        attempts = i.attempts + 1,
        status = case i.status when 'OPEN' then 'AUTO_HEALING' else i.status end
    where i.incident_id = p_incident_id
    returning i.* into v_incident;
    if v_incident.status = 'AUTO_HEALING' and v_incident.attempts = 1 then
        perform plumb.record_incident_event(
            p_incident_id, 'auto_healing', 'still there, waiting for it to heal', 'OPEN'
        );
    end if;
    perform plumb.escalate_due_incidents(p_incident_id);
    return p_incident_id;
end;
$$;
comment on function plumb.retry_incident(bigint) is
'Count one more attempt to heal and escalate when there were enough; returns the id.';
