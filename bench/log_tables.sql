-- Lets table_log keep the rows of every table of the shop.
select table_log_init(5, 'retail', c.relname, 'log', c.relname)
from pg_class as c
where c.relnamespace = 'retail'::regnamespace and c.relkind = 'r'
