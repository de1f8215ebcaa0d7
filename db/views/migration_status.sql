-- Lists what each source of migrations expects and what is applied: the question before every
-- release.
create view plumb.migration_status as
select
    s.source,
    s.status,
    s.expected_count,
    s.applied_count,
    s.pending,
    s.failed,
    s.reason,
    e.tool,
    e.relation,
    e.stated_at,
    e.stated_by
from plumb.migration_states() as s
left join plumb.expected_migrations as e on e.source = s.source;
comment on view plumb.migration_status is
'Migrations that the running release needs, Plumbline''s own and those of each application.';
comment on column plumb.migration_status.source is
'plumbline, or the tool, table or application that was named.';
comment on column plumb.migration_status.status is 'clean, pending, failed or unknown.';
comment on column plumb.migration_status.expected_count is 'How many migrations the release needs.';
comment on column plumb.migration_status.applied_count is 'How many migrations are applied.';
comment on column plumb.migration_status.pending is 'Those that it needs and that are not applied.';
comment on column plumb.migration_status.failed is 'Those that failed or have not finished.';
comment on column plumb.migration_status.reason is 'Why, in words.';
comment on column plumb.migration_status.tool is 'The tool whose table is read.';
comment on column plumb.migration_status.relation is 'The table that is read.';
comment on column plumb.migration_status.stated_at is 'When the release stated what it needs.';
comment on column plumb.migration_status.stated_by is 'The role that stated it.';
