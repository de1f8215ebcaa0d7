-- The most urgent violation with an incident, and a row that is wrong, for pictures of the pages.
select
    v.incident_id,
    coalesce(v.blame -> 0 ->> 'relation', '') as relation,
    v.subject
from plumb.current_violations as v
where v.incident_id is not null
order by v.priority asc, v.incident_id desc, v.subject asc
limit 1
