-- A number of any size could make a check see nothing, so each setting states what it takes.
set local role plumb_owner;
alter table plumb.settings
add column kind text not null default 'text',
add column minimum numeric,
add column maximum numeric,
add column choices text[];
comment on column plumb.settings.kind is
'What it takes: integer, number, boolean, choice, list, URL, hosts, schemas, path or text.';
comment on column plumb.settings.minimum is 'The least number that is accepted.';
comment on column plumb.settings.maximum is 'The greatest number that is accepted.';
comment on column plumb.settings.choices is 'The values, or members of a list, that are accepted.';
drop function if exists plumb.declare_setting(text, text, text, text);
reset role;
