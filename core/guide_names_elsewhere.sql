-- Relations of other schemas that bear one of the guide's own names.
select
    n.nspname,
    c.relname
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_class as g
    on g.relname = c.relname and g.relnamespace = to_regnamespace('plumb_guide')
where n.nspname <> 'plumb_guide'
order by n.nspname, c.relname
