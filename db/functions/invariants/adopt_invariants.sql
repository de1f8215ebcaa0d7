-- Gives invariants, what they watch and their rules an identity that means something here. In a
-- copy restored from a dump the OIDs of the original may be those of other relations. Names are
-- right there, for they were followed until the dump was made.
create or replace function plumb.adopt_invariants()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_origin constant text := plumb.database_identity();
    v_adopted text [];
begin
    v_adopted := array(
        select i.name from plumb.invariants as i where i.view_origin is distinct from v_origin
    );
    if v_adopted = '{}' then
        return;
    end if;
    update plumb.invariants as i
    set view_id = plumb.find_relation(i.view_name), view_origin = v_origin
    where i.name = any(v_adopted);
    update plumb.invariant_watches as w
    set relation_id = null, key_number = null, view_id = null, view_number = null
    where w.invariant = any(v_adopted);
    update plumb.rules as r
    set places = plumb.rule_places(r.template, r.arguments)
    where r.invariant = any(v_adopted);
end;
$$;
comment on function plumb.adopt_invariants() is
'Look up by name what invariants refer to, where their OIDs are those of another database.';
revoke execute on function plumb.adopt_invariants() from public;
