-- Each view of schema plumb, column by column, with what the comments say.
select
    c.relname as view,
    obj_description(c.oid, 'pg_class') as view_description,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    col_description(c.oid, a.attnum) as description
from pg_class as c
inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'plumb'::regnamespace and c.relkind = 'v'
order by c.relname, a.attnum
