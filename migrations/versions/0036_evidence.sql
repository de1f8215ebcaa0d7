-- An incident that reopens takes its evidence anew and keeps what it had, and who did it is filled
-- in by the seal after the check.

set local role plumb_owner;

alter table plumb.incidents add column earlier_snapshots jsonb not null default '[]';
alter table plumb.invariants add column blamed_seal bigint;

-- It takes whether it corrects what an earlier check blamed.
drop function if exists plumb.blame_violations(text, bigint, bigint);

reset role;
