-- Which schema holds the demo shop, if there is one: a guarded database gets none unasked, and a
-- schema of this name may be the application's own.
create table plumb.demo (
    schema_name text primary key check (schema_name ~ '^[a-z][a-z0-9_]*$'),
    installed_at timestamptz not null default now()
);
alter table plumb.demo owner to plumb_owner;
comment on table plumb.demo is 'The schema of the demo shop; no row where there is none.';
grant select on plumb.demo to plumb_reader;
