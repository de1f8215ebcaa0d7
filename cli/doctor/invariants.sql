-- How many invariants there are, which are disabled, and which could not be checked.
select
    count(*),
    array_agg(s.name order by s.name) filter (where s.status = 'disabled'),
    array_agg(s.name order by s.name) filter (where s.status = 'unknown')
from plumb.invariant_status as s
