-- Lets an invariant's auto-correct mend what was found, and tells what came of it. A correction
-- that fails leaves everything as it was, including the incident, which will escalate.
create or replace function plumb.heal_invariant(p_invariant text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function text;
    v_subjects text [];
    v_count bigint;
begin
    select i.auto_correct into v_function
    from plumb.invariants as i
    where i.name = p_invariant and i.auto_correct is not null;
    if not found then
        return null;
    end if;
    if plumb.is_safe_mode() then
        return 'auto-correct waits: safe mode allows no writes';
    end if;
    if to_regprocedure(v_function || '(text[])') is null then
        return format('auto-correct %s failed: there is no such function', v_function);
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
        execute format('select %s($1)', to_regprocedure(v_function || '(text[])')::regproc)
        into v_count
        using v_subjects;
        return format(
            'auto-correct %s changed %s', v_function, plumb.counted(v_count, 'row')
        );
    exception
        when others then return format('auto-correct %s failed: %s', v_function, sqlerrm);
    end;
end;
$$;
comment on function plumb.heal_invariant(text) is
'Run an invariant''s auto-correct on its open violations; says what happened, null without one.';
