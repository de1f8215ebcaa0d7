-- Records the role of the session beside each name that a caller gives.
create or replace trigger record_role
before insert or update on plumb.accepted_violations
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.executive_reports
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.incident_events
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.incidents
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.inhibitions
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.security_blocks
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.security_events
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.settings
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.silences
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.system_mode
for each row execute function plumb.tg_record_role();
create or replace trigger record_role
before insert or update on plumb.system_mode_changes
for each row execute function plumb.tg_record_role();
