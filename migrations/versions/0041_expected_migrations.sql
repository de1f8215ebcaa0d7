-- Which migrations of an application its release needs, and where those that are applied stand.
set local role plumb_owner;
create table plumb.expected_migrations (
    source text primary key,
    tool text,
    relation text,
    expected text[] not null,
    applied text[],
    stated_at timestamptz not null,
    stated_by text not null,
    check ((relation is null) = (applied is not null))
);
comment on table plumb.expected_migrations is
'Migrations that the release of an application needs, as it stated them.';
grant select on plumb.expected_migrations to plumb_reader;
reset role;
