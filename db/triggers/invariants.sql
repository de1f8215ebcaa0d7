-- Attaches the trigger that checks at commit, and those that follow the tables and views of
-- invariants through DDL.
drop trigger if exists pending_checks_enforce on plumb.pending_checks;
create constraint trigger pending_checks_enforce
after insert on plumb.pending_checks
deferrable initially deferred
for each row execute function plumb.tg_enforce_invariant();
alter table plumb.pending_checks enable always trigger pending_checks_enforce;

-- Event triggers belong to a superuser.
reset role;
select plumb.attach_event_trigger(
    'plumb_follow_invariants',
    'ddl_command_end',
    'tg_follow_invariants',
    array[
        'ALTER FOREIGN TABLE',
        'ALTER MATERIALIZED VIEW',
        'ALTER SCHEMA',
        'ALTER TABLE',
        'ALTER VIEW',
        'CREATE TABLE',
        'CREATE TABLE AS',
        'CREATE VIEW',
        'DROP SCHEMA',
        'DROP TABLE',
        'DROP VIEW',
        'SELECT INTO'
    ]
);
select plumb.attach_event_trigger(
    'plumb_set_aside_views',
    'ddl_command_start',
    'tg_set_aside_views',
    array['ALTER FOREIGN TABLE', 'ALTER TABLE', 'DROP FOREIGN TABLE', 'DROP TABLE']
);
select plumb.attach_event_trigger(
    'plumb_put_back_views',
    'ddl_command_end',
    'tg_put_back_views',
    array[
        'ALTER FOREIGN TABLE',
        'ALTER TABLE',
        'ALTER VIEW',
        'CREATE FOREIGN TABLE',
        'CREATE TABLE',
        'CREATE TABLE AS',
        'CREATE VIEW',
        'DROP FOREIGN TABLE',
        'DROP TABLE',
        'DROP VIEW',
        'IMPORT FOREIGN SCHEMA',
        'SELECT INTO'
    ]
);

-- A revision may have taken back what the inspector reads.
select plumb.grant_inspection(r.relation)
from (
    select plumb.find_relation(a.relation) as relation from plumb.audited_tables as a
    union
    select plumb.find_relation(i.view_name) from plumb.invariants as i
    union
    select plumb.find_relation(p.relation)
    from plumb.rules as r
    cross join jsonb_object_keys(r.places) as p (relation)
) as r
where r.relation is not null;

-- The templates of this version make the views.
update plumb.rules as r set rendered = null;
select plumb.follow_rules();

-- As everything is called now, and with the triggers of this version.
select plumb.follow_invariants();
select plumb.attach_enforcement(i.name) from plumb.invariants as i;
