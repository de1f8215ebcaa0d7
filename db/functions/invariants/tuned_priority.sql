-- Returns the priority with which a release declares a rule of the demo shop again: what an
-- operator tuned stays.
create or replace function plumb.tuned_priority(p_invariant text, p_priority text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (select i.priority from plumb.invariants as i where i.name = p_invariant), p_priority
    )
$$;
comment on function plumb.tuned_priority(text, text) is
'The priority that an invariant has; the given one for an invariant that is new.';
