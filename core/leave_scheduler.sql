-- Takes the entries of one guarded database out of pg_cron's table.
select cron.unschedule(j.jobid)
from cron.job as j
cross join (values (%s::text)) as g (name)
where
    j.database = g.name and starts_with(j.command, 'call plumb.run_due_jobs(')
    or j.jobname = concat('plumb ', g.name, ' history')
