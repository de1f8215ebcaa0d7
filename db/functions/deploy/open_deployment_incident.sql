-- Opens the incident of a deployment, always alike. An urgent one pages at once, because no later
-- check will find it worse.
create or replace function plumb.open_deployment_incident(
    p_scope text,
    p_title text,
    p_description text,
    p_priority text default null,
    p_is_urgent boolean default false
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident_id bigint;
begin
    v_incident_id := plumb.open_incident(
        'deployment',
        p_scope,
        coalesce(p_priority, plumb.setting('deploy_incident_priority')),
        p_title,
        p_description,
        1,
        plumb.setting('runbook_base_url') || 'deployment.md'
    );
    if
        p_is_urgent
        and exists (
            select
            from plumb.incidents as i
            where i.incident_id = v_incident_id and i.is_open and i.status <> 'ESCALATED'
        )
    then
        perform plumb.escalate_incident(v_incident_id, p_description, 'plumb');
    end if;
end;
$$;
comment on function plumb.open_deployment_incident(text, text, text, text, boolean) is
'Open incident deployment/scope, and escalate it when it is urgent.';
