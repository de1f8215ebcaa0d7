-- What was wrong when an invariant was declared is told apart from what a person accepted.
alter table plumb.accepted_violations
add column is_baseline boolean not null default false;
drop function if exists plumb.declare_invariant(text, text, text, text, numeric, text, text);
drop function if exists plumb.read_violations(text, jsonb, integer);
