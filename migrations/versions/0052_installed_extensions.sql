-- Which extensions Plumbline brought: an uninstall takes these out and no others.
create table plumb.installed_extensions (name text primary key);
alter table plumb.installed_extensions owner to plumb_owner;
comment on table plumb.installed_extensions is
'The extensions that Plumbline created here; ./plumb uninstall drops them.';
grant select on plumb.installed_extensions to plumb_reader;
