-- Changes what an operator may change without a release: the priority and weight of an invariant,
-- and whether it is checked at all. A disabled one is not checked, so its incidents end.
create or replace function plumb.tune_invariant(
    p_name text,
    p_priority text default null,
    p_weight numeric default null,
    p_is_enabled boolean default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_source text;
begin
    -- NaN is above every number.
    if p_priority <> all(plumb.priorities()) or p_weight <= 0 or p_weight > 1000 then
        raise exception 'priority % or weight % of % is out of range',
            quote_nullable(p_priority), quote_nullable(p_weight::text), quote_nullable(p_name)
            using errcode = 'PL002', hint = 'Priorities are P1 to P4, weights above 0, up to 1000.';
    end if;
    update plumb.invariants as i
    set
        priority = coalesce(p_priority, i.priority),
        weight = coalesce(p_weight, i.weight),
        is_enabled = coalesce(p_is_enabled, i.is_enabled)
    where i.name = p_name;
    if not found then
        raise exception 'there is no invariant %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name from plumb.invariants;';
    end if;
    if not p_is_enabled then
        foreach v_source in array array['invariant', 'invariant-check'] loop
            perform plumb.resolve_incident(v_source, p_name, 'the invariant was disabled', false);
        end loop;
    end if;
    perform plumb.attach_enforcement(p_name);
end;
$$;
comment on function plumb.tune_invariant(text, text, numeric, boolean) is
'Change an invariant''s priority, weight or whether it is checked; null leaves a value as it is.';
grant execute on function plumb.tune_invariant(text, text, numeric, boolean) to plumb_operator;
