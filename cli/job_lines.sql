-- A line for each job.
select
    format(
        '%-18s %-11s last run %s, next %s',
        job_name,
        status,
        coalesce(last_run_at::timestamptz (0)::text, 'never'),
        coalesce(next_run_at::timestamptz (0)::text, 'not scheduled')
    )
from plumb.cron_status
order by job_name
