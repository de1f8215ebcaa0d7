-- A setting keeps who changed it and why; a call without the name of a token keeps the one it gave.
alter table plumb.settings add column changed_by text;
alter table plumb.settings add column reason text;
drop function if exists plumb.change_setting(text, text);
drop function if exists plumb.describe_settings_page();
drop function if exists plumb.finish_call(bigint, integer);
