-- Writes the entries of one guarded database into pg_cron's table, and takes out those of
-- databases that are gone. Jobs that may take long have entries of their own, so that the others
-- do not wait behind them. Before version 1.5 pg_cron knows no seconds, and a call repeats itself.
with guarded as (
    select
        g.name,
        (regexp_match(e.extversion, '^(\d+)\.(\d+)'))[1]::integer * 1000
        + (regexp_match(e.extversion, '^(\d+)\.(\d+)'))[2]::integer >= 1005 as has_seconds
    from (values (%s::text)) as g (name)
    inner join pg_extension as e on e.extname = 'pg_cron'
),

gone as (
    select cron.unschedule(j.jobid)
    from cron.job as j
    where
        starts_with(j.jobname, 'plumb ')
        and starts_with(j.command, 'call plumb.run_due_jobs(')
        and j.database not in (select d.datname from pg_database as d)
),

entries as (
    select
        concat('plumb ', g.name, ' ', l.position) as name,
        case when g.has_seconds then '5 seconds' else '* * * * *' end as schedule,
        concat(
            'call plumb.run_due_jobs(',
            l.timeout_seconds_max,
            case when g.has_seconds then ', 0)' else ', 55)' end
        ) as command,
        g.name as database,
        case when current_setting('is_superuser')::boolean then 'plumb_worker' end as username
    from guarded as g
    cross join (values (1, '120'), (2, '300'), (3, 'null')) as l (position, timeout_seconds_max)
    union all
    select
        concat('plumb ', g.name, ' history'),
        '17 * * * *',
        concat(
            'delete from cron.job_run_details where database = ',
            quote_literal(g.name),
            ' and starts_with(command, ''call plumb.run_due_jobs('')',
            ' and end_time < now() - interval ''1 day'''
        ),
        current_database()::text,
        null
    from guarded as g
)

select
    (select count(*) from gone) as gone,
    count(cron.schedule_in_database(e.name, e.schedule, e.command, e.database, e.username))
from entries as e
