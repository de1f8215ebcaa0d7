-- Returns what ./plumb status says about the database, in one call, so that all values are from the
-- same moment.
create or replace function plumb.describe_status()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'revision', (select max(v.version_num) from plumb.schema_revision as v),
        'truth', plumb.describe_truth(),
        'health', plumb.describe_health(),
        'safeMode', plumb.is_safe_mode(),
        'safeModeReason', (select s.reason from plumb.safe_mode as s where s.is_safe_mode),
        'lacks', (
            select
                coalesce(
                    json_agg(
                        json_build_object('capability', c.capability, 'instead', c.instead)
                        order by c.capability
                    ),
                    '[]'
                )
            from plumb.capabilities as c
            where not c.is_available
        ),
        'openIncidents', (select count(*) from plumb.incidents as i where i.is_open),
        'jobs', (
            select json_agg(
                json_build_object(
                    'job', c.job_name,
                    'status', c.status,
                    'lastRunAt', c.last_run_at,
                    'nextRunAt', c.next_run_at
                )
                order by c.job_name
            )
            from plumb.cron_status as c
        )
    )
$$;
comment on function plumb.describe_status() is
'Revision, truth, health, safe mode, count of open incidents and jobs as JSON.';
grant execute on function plumb.describe_status() to plumb_reader;
