-- Lists the steps that a rule does not allow, for the view of the rule: plumb_inspector may read no
-- table of ours.
create or replace function plumb.wrong_steps_of(p_invariant text)
returns setof plumb.wrong_steps
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.* from plumb.wrong_steps as s where s.invariant = p_invariant
$$;
comment on function plumb.wrong_steps_of(text) is
'The steps of a status that a rule does not allow and that were not taken back.';
grant execute on function plumb.wrong_steps_of(text) to plumb_inspector;
