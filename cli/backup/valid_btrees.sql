-- Every valid B-tree index that outlives a crash: those that plumb.check_indexes() checks.
select i.indexrelid, i.indexrelid::regclass::text
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
inner join pg_am as a on a.oid = c.relam
where
    a.amname = 'btree'
    and c.relkind = 'i'
    and c.relpersistence = 'p'
    and i.indisvalid
    and i.indisready
order by 2
