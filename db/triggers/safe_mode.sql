-- Attaches the triggers of safe mode. All of them fire for the replica role too.
create or replace trigger system_mode_raises_flag
before insert or update on plumb.system_mode
for each row execute function plumb.tg_raise_flag();
alter table plumb.system_mode enable always trigger system_mode_raises_flag;

create or replace trigger system_mode_hashes_token
before update of override_token on plumb.system_mode
for each row execute function plumb.tg_hash_override_token();
alter table plumb.system_mode enable always trigger system_mode_hashes_token;

create or replace trigger system_mode_is_one_row
before delete or truncate on plumb.system_mode
for each statement execute function plumb.tg_keep_system_mode();
alter table plumb.system_mode enable always trigger system_mode_is_one_row;

-- Event triggers belong to a superuser.
reset role;
select plumb.attach_event_trigger(
    'plumb_refuse_ddl_start', 'ddl_command_start', 'tg_refuse_ddl_start', array['ALTER TABLE']
);
select plumb.attach_event_trigger('plumb_refuse_ddl', 'ddl_command_end', 'tg_refuse_ddl');
select plumb.attach_event_trigger('plumb_refuse_drop', 'sql_drop', 'tg_refuse_drop');
select plumb.attach_event_trigger('plumb_refuse_rewrite', 'table_rewrite', 'tg_refuse_rewrite');
select plumb.attach_event_trigger(
    'plumb_guard_new_tables',
    'ddl_command_end',
    'tg_guard_new_tables',
    array[
        'ALTER EXTENSION',
        'ALTER FOREIGN TABLE',
        'ALTER SCHEMA',
        'ALTER SUBSCRIPTION',
        'ALTER TABLE',
        'CREATE FOREIGN TABLE',
        'CREATE SCHEMA',
        'CREATE SUBSCRIPTION',
        'CREATE TABLE',
        'CREATE TABLE AS',
        'DROP EXTENSION',
        'DROP FOREIGN TABLE',
        'DROP OWNED',
        'DROP SCHEMA',
        'DROP TABLE',
        'IMPORT FOREIGN SCHEMA',
        'SELECT INTO'
    ]
);

-- Every table of the guarded schemas, as they are now, and those that were guarded by name.
select plumb.guard_schemas();
select plumb.follow_guarded_tables();
