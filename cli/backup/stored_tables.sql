-- Everything with rows that outlives a crash, except the system catalogs.
select c.oid, c.oid::regclass::text
from pg_class as c
where c.relkind in ('r', 'm', 't') and c.relpersistence = 'p' and c.oid >= 16384
order by 2
