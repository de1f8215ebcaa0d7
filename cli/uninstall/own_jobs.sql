-- Takes the jobs of this database from pg_cron, where it lives here.
select cron.unschedule(j.jobid)
from cron.job as j
where j.database = current_database() and starts_with(j.command, 'call plumb.')
