-- Lists what this server or the installing role does not allow, and what takes its place.
create view plumb.capabilities as
with facts as (
    select
        (select bool_and(i.is_by_superuser) from plumb.installation as i) as is_by_superuser,
        (select bool_and(i.has_event_triggers) from plumb.installation as i) as has_event_triggers,
        (select array_agg(e.extname::text) from pg_extension as e) as extensions,
        (select bool_or(j.schedule is not null) from plumb.jobs as j) as is_scheduled
)

select
    c.capability,
    c.is_available,
    case when not c.is_available then c.instead end as instead
from facts as f
cross join lateral (
    values
    (
        'amcheck',
        'amcheck' = any(f.extensions),
        'indexes are not checked for corruption'
    ),
    (
        'event triggers',
        f.has_event_triggers,
        'the job catalog looks once a minute: a new table of a guarded schema is guarded so much '
        'later, safe mode refuses no DDL, and the audit log has no rows of DDL'
    ),
    (
        'jobs by pg_cron',
        coalesce(f.is_scheduled, false),
        './plumb scheduler runs the jobs; ./plumb up starts it'
    ),
    (
        'pg_stat_statements',
        'pg_stat_statements' = any(f.extensions),
        'slow statements are not found'
    ),
    (
        'plpython3u',
        'plpython3u' = any(f.extensions),
        './plumb scheduler delivers the alerts, ./plumb backup run makes backups; memory, free '
        'space and the log of the server are not read'
    ),
    (
        'roles of its own',
        f.is_by_superuser,
        'all of it belongs to the role that installed it, and code that is attached to the tables '
        'runs with the rights of that role'
    )
) as c (capability, is_available, instead);
comment on view plumb.capabilities is
'What the server and the installing role allow, and what takes the place of what they do not.';
comment on column plumb.capabilities.capability is 'What it is.';
comment on column plumb.capabilities.is_available is 'Whether it is to be had here.';
comment on column plumb.capabilities.instead is
'What is done without it, or what is not; null where it is available.';
