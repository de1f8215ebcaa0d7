-- An invariant that holds after each statement may be enforced then.
alter table plumb.invariants drop constraint invariants_enforcement_check;
alter table plumb.invariants add constraint invariants_enforcement_check
check (enforcement in ('detect', 'commit', 'statement'));
