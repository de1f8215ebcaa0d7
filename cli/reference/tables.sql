-- Each table of schema plumb that a reader or an auditor may select from, column by column.
select
    c.relname as table,
    obj_description(c.oid, 'pg_class') as table_description,
    a.attname as name,
    format_type(a.atttypid, a.atttypmod) as type,
    col_description(c.oid, a.attnum) as description
from pg_class as c
inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where
    c.relnamespace = 'plumb'::regnamespace
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and has_column_privilege('plumb_auditor', c.oid, a.attnum, 'select')
order by c.relname, a.attnum
