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
drop event trigger if exists plumb_refuse_ddl_start; -- noqa: PRS
create event trigger plumb_refuse_ddl_start on ddl_command_start
when tag in ('ALTER TABLE')
execute function plumb.tg_refuse_ddl_start();
alter event trigger plumb_refuse_ddl_start enable always;

drop event trigger if exists plumb_refuse_ddl; -- noqa: PRS
create event trigger plumb_refuse_ddl on ddl_command_end
execute function plumb.tg_refuse_ddl();
alter event trigger plumb_refuse_ddl enable always;

drop event trigger if exists plumb_refuse_drop; -- noqa: PRS
create event trigger plumb_refuse_drop on sql_drop
execute function plumb.tg_refuse_drop();
alter event trigger plumb_refuse_drop enable always;

drop event trigger if exists plumb_refuse_rewrite; -- noqa: PRS
create event trigger plumb_refuse_rewrite on table_rewrite
execute function plumb.tg_refuse_rewrite();
alter event trigger plumb_refuse_rewrite enable always;

drop event trigger if exists plumb_guard_new_tables; -- noqa: PRS
create event trigger plumb_guard_new_tables on ddl_command_end
when tag in (
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
)
execute function plumb.tg_guard_new_tables();
alter event trigger plumb_guard_new_tables enable always;

-- Every table of the guarded schemas, as they are now, and those that were guarded by name.
select plumb.guard_schemas();
select plumb.follow_guarded_tables();
