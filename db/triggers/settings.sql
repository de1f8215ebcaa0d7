-- Refuses values out of range in plumb.settings, also from roles that may write the table: they
-- could make a check blind.
create or replace trigger check_setting
before insert or update of value on plumb.settings
for each row execute function plumb.tg_check_setting();
