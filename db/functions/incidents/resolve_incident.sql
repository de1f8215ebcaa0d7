-- Resolves the open incident of a source and scope: its problem is gone, or is no longer checked.
create or replace function plumb.resolve_incident(
    p_source text, p_scope text, p_note text, p_is_healed boolean default true
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident record;
    v_incident_id bigint;
begin
    for v_incident in
        select i.incident_id, i.status
        from plumb.incidents as i
        where
            i.source = p_source
            and i.scope in (p_scope, p_scope || ' (held by another transaction)')
            and i.is_open
        order by i.incident_id
        for update
    loop
        update plumb.incidents as i
        set
            status = 'RESOLVED',
            auto_healed = p_is_healed,
            occurrence_count = 0,
            resolved_at = plumb.current_time()
        where i.incident_id = v_incident.incident_id;
        perform plumb.record_incident_event(
            v_incident.incident_id, 'resolved', p_note, v_incident.status
        );
        v_incident_id := v_incident.incident_id;
    end loop;
    return v_incident_id;
end;
$$;
comment on function plumb.resolve_incident(text, text, text, boolean) is
'Resolve the open incident of a source and scope; returns its id, null when none was open.';
grant execute on function plumb.resolve_incident(text, text, text, boolean) to plumb_operator;
