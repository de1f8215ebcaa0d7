-- Removes an invariant, with everything that was recorded under its name except its incidents,
-- which end. A view that a user made stays: it belongs to its owner.
create or replace function plumb.drop_invariant(p_name text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_view constant text := (select i.view_name from plumb.invariants as i where i.name = p_name);
begin
    perform plumb.enforce_invariant(p_name, 'detect');
    perform plumb.tune_invariant(p_name, p_is_enabled => false);
    if exists (select from plumb.rules as r where r.invariant = p_name) then
        perform plumb.drop_rule(p_name);
    end if;
    delete from plumb.invariants as i where i.name = p_name;
    perform plumb.revoke_inspection(plumb.find_relation(v_view));
end;
$$;
comment on function plumb.drop_invariant(text) is
'Forget an invariant, its checks and violations; its incidents are resolved.';
