-- Locks an incident for a change by a person, who must have a name.
create or replace function plumb.expect_incident(
    p_incident_id bigint, p_verb text, p_by text, p_may_be_resolved boolean default false
)
returns plumb.incidents
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident plumb.incidents;
begin
    select i.* into v_incident
    from plumb.incidents as i
    where i.incident_id = p_incident_id
    for update;
    if not found then
        raise exception 'there is no incident %', p_incident_id
            using errcode = 'PL001', hint = 'select * from plumb.open_incidents;';
    elsif
        v_incident.status = 'CLOSED' or (v_incident.status = 'RESOLVED' and not p_may_be_resolved)
    then
        raise exception 'incident % cannot be %: it is %', p_incident_id, p_verb, v_incident.status
            using errcode = 'PL005', hint = 'select * from plumb.open_incidents;';
    end if;
    perform plumb.expect_text('the name of the person', p_by);
    return v_incident;
end;
$$;
comment on function plumb.expect_incident(bigint, text, text, boolean) is
'Lock and return an incident; PL001 unknown, PL005 not open, PL002 without a name.';
