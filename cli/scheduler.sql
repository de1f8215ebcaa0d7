-- Whether pg_cron starts the jobs, and why not.
select concat_ws(': ', s.it ->> 'status', s.it ->> 'reason')
from (select plumb.describe_scheduler() as it) as s
