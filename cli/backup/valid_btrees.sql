-- Every valid B-tree index that outlives a crash.
select i.indexrelid, i.indexrelid::regclass::text
from pg_index as i
inner join pg_class as c on c.oid = i.indexrelid
inner join pg_am as a on a.oid = c.relam
where a.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p' and i.indisvalid
order by 2
