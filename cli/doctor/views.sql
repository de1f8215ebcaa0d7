-- The views of our schema; those of an extension are not ours.
select c.relname
from pg_class as c
where
    c.relnamespace = 'plumb'::regnamespace
    and c.relkind in ('v', 'm')
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
