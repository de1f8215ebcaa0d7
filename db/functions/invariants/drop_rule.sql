-- Drops what was made for a rule; its invariant is dropped elsewhere.
create or replace function plumb.drop_rule(p_invariant text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_places constant jsonb := (
        select r.places from plumb.rules as r where r.invariant = p_invariant
    );
    v_name constant text := lower(p_invariant);
begin
    delete from plumb.rules as r where r.invariant = p_invariant;
    execute format('drop view if exists plumb_rules.%I', v_name);
    execute format('drop function if exists plumb_rules.%I()', v_name);
    perform plumb.drop_quarantine(p_invariant);
    perform plumb.revoke_inspection(plumb.find_relation(p.key))
    from jsonb_each(v_places) as p
    where plumb.find_relation(p.key) is not null;
end;
$$;
comment on function plumb.drop_rule(text) is
'Drop the view and the functions that were made for a rule.';
