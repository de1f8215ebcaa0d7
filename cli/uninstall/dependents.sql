-- Views of others that read ours: they would go with it.
select distinct format('%I.%I', n.nspname, c.relname)
from pg_depend as d
inner join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
inner join pg_class as c on c.oid = r.ev_class
inner join pg_namespace as n on n.oid = c.relnamespace
inner join pg_class as o on d.refclassid = 'pg_class'::regclass and o.oid = d.refobjid
inner join pg_namespace as m on m.oid = o.relnamespace
where
    m.nspname in ('plumb', 'plumb_guide', 'plumb_rules')
    and n.nspname not in ('plumb', 'plumb_guide', 'plumb_rules')
order by 1
