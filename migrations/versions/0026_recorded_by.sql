-- A function that takes a name records what its caller claims. The role of the session, that no one
-- can claim, is kept beside it. It is null in rows of older releases.
set local role plumb_owner;
alter table plumb.incident_events add column recorded_by text;
alter table plumb.incidents add column recorded_by text;
alter table plumb.system_mode_changes add column recorded_by text;
alter table plumb.security_events add column recorded_by text;
alter table plumb.security_blocks add column recorded_by text;
alter table plumb.silences add column recorded_by text;
alter table plumb.inhibitions add column recorded_by text;
alter table plumb.settings add column recorded_by text;
alter table plumb.executive_reports add column recorded_by text;
comment on column plumb.incident_events.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.incidents.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.system_mode_changes.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.security_events.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.security_blocks.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.silences.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.inhibitions.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.settings.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.executive_reports.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
-- A column of its own, for readers of system_mode see single columns only.
alter table plumb.system_mode add column recorded_by text;
comment on column plumb.system_mode.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
grant select (recorded_by) on plumb.system_mode to plumb_reader;
reset role;
