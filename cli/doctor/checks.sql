-- The checks of the server as of now.
select c.check_name, c.status, c.why, c.remedy
from plumb.database_checks as c
order by c.check_name
