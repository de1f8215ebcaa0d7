-- Attaches the event triggers of the audit log: DDL on audited tables is recorded, and their
-- triggers follow it. They belong to a superuser.
reset role;
select plumb.attach_event_trigger(
    'plumb_audit_ddl',
    'ddl_command_end',
    'tg_audit_ddl',
    array[
        'ALTER INDEX',
        'ALTER PUBLICATION',
        'ALTER SCHEMA',
        'ALTER TABLE',
        'ALTER TRIGGER',
        'CREATE FOREIGN TABLE',
        'CREATE TABLE',
        'CREATE TABLE AS',
        'CREATE TRIGGER',
        'IMPORT FOREIGN SCHEMA',
        'SELECT INTO'
    ]
);
select plumb.attach_event_trigger('plumb_audit_drop', 'sql_drop', 'tg_audit_drop');
select plumb.attach_event_trigger(
    'plumb_audit_cast', 'ddl_command_end', 'tg_audit_cast', array['CREATE CAST']
);
select plumb.attach_event_trigger('plumb_audit_rewrite', 'table_rewrite', 'tg_audit_rewrite');
select plumb.attach_event_trigger(
    'plumb_audit_type',
    'ddl_command_end',
    'tg_audit_type',
    array[
        'ALTER FOREIGN TABLE',
        'ALTER MATERIALIZED VIEW',
        'ALTER TABLE',
        'ALTER TYPE',
        'ALTER VIEW',
        'CREATE CAST',
        'CREATE VIEW'
    ]
);
