-- The table of revisions was renamed, its key was not.
do $$
begin
    if exists (
        select
        from pg_constraint as c
        where
            c.conrelid = 'plumb.schema_revision'::regclass and c.conname = 'alembic_version_pkc'
    ) then
        alter table plumb.schema_revision
        rename constraint alembic_version_pkc to schema_revision_pkc;
    end if;
end;
$$;

-- What a person wrote stays.
update plumb.destinations as d
set description = n.description
from (
    values
    (
        'PAGERDUTY_ROUTING_KEY: calls a person when an incident escalates.',
        'PAGERDUTY_ROUTING_KEY: pages a person when an incident of P1 to P3 escalates.'
    ),
    (
        'SLACK_WEBHOOK_URL: tells a channel what began and what ended.',
        'SLACK_WEBHOOK_URL: notifies a channel when an incident begins and ends.'
    )
) as n (earlier, description)
where d.description = n.earlier;
