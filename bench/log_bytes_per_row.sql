-- How many bytes of the log and its indexes a row takes.
select sum(pg_total_relation_size(t.relid))::float / (select count(*) from plumb.audit_log)
from pg_partition_tree('plumb.audit_log') as t
where t.isleaf
