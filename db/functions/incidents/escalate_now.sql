-- Escalates an incident for a person who does not wait for the last attempt of auto-correct.
create or replace function plumb.escalate_now(
    p_incident_id bigint, p_reason text, p_by text default session_user
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('the reason for escalating', p_reason);
    perform plumb.expect_incident(p_incident_id, 'escalated', p_by);
    perform plumb.escalate_incident(p_incident_id, p_reason, p_by);
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.escalate_now(bigint, text, text) is
'Escalate an open incident by hand; PL005 when it is escalated already or not open.';
grant execute on function plumb.escalate_now(bigint, text, text) to plumb_operator, plumb_api;
