-- Writes a row of cron.job without changing it: pg_cron then reads its table again.
select cron.alter_job(j.jobid, active => j.active)
from cron.job as j
where j.jobname like 'plumb %' and j.command like 'call plumb.%'
order by j.jobid
limit 1
