-- Tables of the application whose changes no audit log records; a partition is its root's matter.
select g.relation
from plumb.guarded as g
inner join pg_class as c on c.oid = plumb.find_relation(g.relation)
where
    not c.relispartition
    and not exists (
        select from plumb.audited_tables as a
        where a.relation = g.relation
    )
order by g.relation
