-- The triggers of ours on a table of the application.
select t.tgname
from pg_trigger as t
inner join pg_class as c on c.oid = t.tgrelid
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_proc as p on p.oid = t.tgfoid
inner join pg_namespace as f on f.oid = p.pronamespace
where
    n.nspname = %s
    and c.relname = %s
    and f.nspname in ('plumb', 'plumb_rules')
    and t.tgparentid = 0
    and not t.tgisinternal
order by 1
