-- The tables of the application that have triggers of ours.
select distinct n.nspname, c.relname
from pg_trigger as t
inner join pg_class as c on c.oid = t.tgrelid
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_proc as p on p.oid = t.tgfoid
inner join pg_namespace as f on f.oid = p.pronamespace
where
    f.nspname in ('plumb', 'plumb_rules')
    and n.nspname not in ('plumb', 'plumb_guide', 'plumb_rules')
    and t.tgparentid = 0
    and not t.tgisinternal
order by 1, 2
