-- How many bytes of the log and its indexes a row takes.
select
    sum(pg_total_relation_size(t.relid))::float
    / (select sum(b.row_count) from plumb.audit_blocks as b)
from pg_partition_tree('plumb.audit_blocks') as t
where t.isleaf
