-- Opens an incident once, or records that the problem of the open one goes on. A problem that
-- returns soon after it cleared reopens its old incident: a flapping check must not page every
-- time. Null: another session changed this incident meanwhile, and the caller must try again.
create or replace function plumb._open_incident(
    p_source text,
    p_scope text,
    p_priority text,
    p_title text,
    p_description text,
    p_occurrence_count bigint,
    p_runbook_url text
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_incident plumb.incidents;
    v_cleared_at timestamptz;
begin
    select i.* into v_incident
    from plumb.incidents as i
    where
        i.source = p_source
        and i.scope = p_scope
        and i.is_open
    for update;
    if found then
        update plumb.incidents as i
        set
            last_seen_at = v_now,
            occurrence_count = p_occurrence_count,
            title = p_title,
            description = p_description,
            -- An open problem may become more urgent, never less: P1 sorts before P2.
            priority = least(i.priority, p_priority)
        where i.incident_id = v_incident.incident_id;
        if p_priority < v_incident.priority then
            perform plumb.record_incident_event(
                v_incident.incident_id,
                'priority_raised',
                format('from %s to %s', v_incident.priority, p_priority),
                v_incident.status
            );
        end if;
        return plumb.retry_incident(v_incident.incident_id);
    end if;

    select i.* into v_incident
    from plumb.incidents as i
    where
        i.source = p_source
        and i.scope = p_scope
        and i.status = 'RESOLVED'
        and i.resolved_at
        > v_now - plumb.setting_interval('flap_window_seconds')
    order by i.resolved_at desc
    limit 1
    for update;
    if found then
        v_cleared_at := v_incident.resolved_at;
        update plumb.incidents as i
        set
            status = 'OPEN',
            title = p_title,
            description = p_description,
            -- The new problem has evidence of its own; what there was is kept beside it.
            snapshot = plumb.take_snapshot(p_source, p_scope),
            earlier_snapshots = (
                select coalesce(jsonb_agg(e.value order by e.place), '[]')
                from jsonb_array_elements(
                    jsonb_build_array(i.snapshot) || i.earlier_snapshots
                ) with ordinality as e (value, place)
                where e.place <= plumb.setting_number('earlier_snapshots_max')
            ),
            occurrence_count = p_occurrence_count,
            flap_count = i.flap_count + 1,
            attempts = 0,
            auto_healed = false,
            priority = p_priority,
            -- Its acknowledgement is over: if the problem stays, it must page.
            acknowledged_at = null,
            acknowledged_by = null,
            opened_at = v_now,
            last_seen_at = v_now,
            escalated_at = null,
            resolved_at = null
        where i.incident_id = v_incident.incident_id;
        perform plumb.record_incident_event(
            v_incident.incident_id,
            'reopened',
            format(
                'came back %s s after it cleared', round(extract(epoch from v_now - v_cleared_at))
            ),
            'RESOLVED'
        );
        perform plumb.escalate_due_incidents(v_incident.incident_id);
        return v_incident.incident_id;
    end if;

    insert into plumb.incidents (
        source,
        scope,
        priority,
        title,
        description,
        occurrence_count,
        runbook_url,
        first_opened_at,
        opened_at,
        last_seen_at
    )
    values (
        p_source,
        p_scope,
        p_priority,
        p_title,
        p_description,
        p_occurrence_count,
        p_runbook_url,
        v_now,
        v_now,
        v_now
    )
    -- Two sessions may see the same problem at once: the index makes the second wait, and try
    -- again. A snapshot older than the other's commit gets a serialization failure.
    on conflict (source, scope) where is_open do nothing
    returning * into v_incident;
    if not found then
        return null;
    end if;
    update plumb.incidents as i
    set snapshot = plumb.take_snapshot(p_source, p_scope)
    where i.incident_id = v_incident.incident_id;
    perform plumb.record_incident_event(v_incident.incident_id, 'opened', p_title);
    return v_incident.incident_id;
end;
$$;
comment on function plumb._open_incident(text, text, text, text, text, bigint, text) is
'Open or continue an incident; returns its id, null where another session was faster.';
