-- Enables the invariants that were disabled until a time that has come.
create or replace function plumb.enable_due_invariants()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
begin
    for v_name in
        update plumb.invariants as i
        set disabled_until = null, disabled_reason = null, disabled_by = null, checked_seal = null
        where i.disabled_until <= plumb.current_time()
        returning i.name
    loop
        perform plumb.tune_invariant(v_name, p_is_enabled => true);
    end loop;
end;
$$;
comment on function plumb.enable_due_invariants() is
'Enable invariants whose time of being disabled is over.';
revoke execute on function plumb.enable_due_invariants() from public;
