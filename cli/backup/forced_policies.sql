-- Tables whose row security applies to their owner too.
select n.nspname, c.relname
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where c.relforcerowsecurity
