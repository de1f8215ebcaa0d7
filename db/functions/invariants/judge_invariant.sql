-- Judges what a check means for incidents: a violation opens or continues one and lets auto-correct
-- try at once; a clean check resolves it; a check that could not run is a problem of its own.
create or replace function plumb.judge_invariant(p_check plumb.invariant_checks)
returns plumb.invariant_checks
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_check plumb.invariant_checks := p_check;
    v_invariant plumb.invariants;
    v_incident_id bigint;
    v_note text;
begin
    select i.* into v_invariant from plumb.invariants as i where i.name = p_check.invariant;
    if v_check.status = 'unknown' then
        perform plumb.open_incident(
            'invariant-check',
            v_invariant.name,
            plumb.setting('unknown_invariant_priority'),
            format('%s could not be checked', v_invariant.name),
            v_check.error,
            1,
            plumb.setting('runbook_base_url') || 'invariant-check.md'
        );
        return v_check;
    end if;
    perform plumb.resolve_incident('invariant-check', v_invariant.name, 'the check ran again');
    if v_check.status = 'violated' then
        v_incident_id := plumb.open_incident(
            'invariant',
            v_invariant.name,
            v_invariant.priority,
            format(
                '%s: %s', v_invariant.name, plumb.counted(v_check.violation_count, 'violation')
            ),
            v_invariant.description,
            v_check.violation_count,
            v_invariant.runbook_url
        );
        update plumb.invariant_violations as v
        set incident_id = v_incident_id
        where
            v.invariant = v_invariant.name and v.cleared_at is null and v.incident_id is null;
        v_note := plumb.heal_invariant(v_invariant.name);
        if v_note is not null then
            perform plumb.record_incident_event(v_incident_id, 'auto_correct', v_note);
            v_check := plumb.check_invariant(v_invariant.name, '{}');
        end if;
    end if;
    if v_check.status = 'holds' then
        perform plumb.resolve_incident('invariant', v_invariant.name, 'no violation is left');
    end if;
    return v_check;
end;
$$;
comment on function plumb.judge_invariant(plumb.invariant_checks) is
'Open, heal or resolve what a check calls for; returns the check as it stands after healing.';
