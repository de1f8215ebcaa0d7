-- The check at commit, and what follows the tables and views of invariants through DDL.
drop trigger if exists pending_checks_enforce on plumb.pending_checks;
create constraint trigger pending_checks_enforce
after insert on plumb.pending_checks
deferrable initially deferred
for each row execute function plumb.tg_enforce_invariant();
alter table plumb.pending_checks enable always trigger pending_checks_enforce;

-- Event triggers belong to a superuser.
reset role;
drop event trigger if exists plumb_follow_invariants; -- noqa: PRS
create event trigger plumb_follow_invariants on ddl_command_end
when tag in (
    'ALTER FOREIGN TABLE',
    'ALTER MATERIALIZED VIEW',
    'ALTER SCHEMA',
    'ALTER TABLE',
    'ALTER VIEW',
    'CREATE TABLE',
    'CREATE TABLE AS',
    'CREATE VIEW',
    'SELECT INTO'
)
execute function plumb.tg_follow_invariants();
alter event trigger plumb_follow_invariants enable always;

-- As everything is called now, and with the triggers of this version.
select plumb.follow_invariants();
select plumb.attach_enforcement(i.name) from plumb.invariants as i;
