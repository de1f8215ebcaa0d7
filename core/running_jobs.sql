-- The jobs that run now.
select string_agg(substr(l.name, 5), ', ' order by l.name)
from plumb.locks as l
where l.name like 'job %' and plumb.is_claimed(l.name)
