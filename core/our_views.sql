-- Every view of ours.
select n.nspname, c.relname
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where n.nspname in ('plumb', 'plumb_guide') and c.relkind = 'v'
