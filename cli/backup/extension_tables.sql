-- Tables and sequences of an extension whose rows a dump brings.
select n.nspname, c.relname, c.relkind
from pg_extension as e
cross join unnest(e.extconfig) as t (oid)
inner join pg_class as c on c.oid = t.oid
inner join pg_namespace as n on n.oid = c.relnamespace
where e.extname = %s
