-- Jobs that are disabled, overdue, or failed when they ran last.
select c.job_name, case when c.is_stale then 'overdue' else c.status end
from plumb.cron_status as c
where c.is_stale or c.status in ('disabled', 'failed')
order by c.job_name
