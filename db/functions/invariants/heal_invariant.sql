-- Lets the auto-correct of an invariant repair what was found, and records the result. A correction
-- that fails leaves everything as it was, including the incident, which will escalate. Whether it
-- may run is checked again: it may have another owner since it was declared.
create or replace function plumb.heal_invariant(p_invariant text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function text;
    v_refusal text;
    v_subjects text [];
    v_count bigint;
begin
    select
        i.auto_correct,
        plumb.correction_refusal(i.auto_correct, plumb.find_relation(i.view_name))
    into v_function, v_refusal
    from plumb.invariants as i
    where i.name = p_invariant and i.auto_correct is not null;
    if not found then
        return null;
    end if;
    if plumb.is_safe_mode() then
        return 'auto-correct waits: safe mode allows no writes';
    end if;
    if plumb.find_correction(v_function) is null then
        return format('auto-correct %s failed: there is no such function', v_function);
    elsif v_refusal is not null then
        return format('auto-correct %s failed: it %s', v_function, v_refusal);
    end if;
    select array_agg(v.subject) into v_subjects
    from (
        select o.subject
        from plumb.invariant_violations as o
        where o.invariant = p_invariant and o.cleared_at is null
        order by o.invariant_violation_id
        limit plumb.setting_number('heal_rows_max')::integer
    ) as v;
    begin
        v_count := plumb.run_correction(plumb.find_correction(v_function), v_subjects);
        return format(
            'auto-correct %s changed %s', v_function, plumb.counted(v_count, 'row')
        );
    exception
        when query_canceled or assert_failure or others then
            -- The watchdog's cancel ends the correction; a person who cancels means the round.
            if sqlstate = '57014' and session_user <> 'plumb_worker' then
                raise;
            end if;
            return format('auto-correct %s failed: %s', v_function, sqlerrm);
    end;
end;
$$;
comment on function plumb.heal_invariant(text) is
'Run an invariant''s auto-correct on its open violations; says what happened, null without one.';
