-- Whoever may write plumb.settings still cannot make a check blind by a number out of its range.
create or replace trigger check_setting
before insert or update of value on plumb.settings
for each row execute function plumb.tg_check_setting();
