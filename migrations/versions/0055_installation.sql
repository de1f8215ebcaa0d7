-- With what rights Plumbline was installed: what only a superuser may do is not missed where none
-- installed it.
create table plumb.installation (
    installation_id integer primary key default 1 check (installation_id = 1),
    is_by_superuser boolean not null default true,
    has_event_triggers boolean not null default true,
    own_roles text[] not null default '{}'
);
alter table plumb.installation owner to plumb_owner;
comment on table plumb.installation is 'With what rights Plumbline was installed; one row.';
grant select on plumb.installation to plumb_reader;
insert into plumb.installation default values;
