-- Audits the tables of the demo shop from their first row. What is audited already stays as it is,
-- and so does what an operator left out on purpose.
select plumb.audit_table(c.oid::regclass, a.excluded_columns, a.masked_columns)
from pg_class as c
left join plumb.audited_tables as a on a.relation = plumb.relation_name(c.oid::regclass)
where
    c.relnamespace = 'retail'::regnamespace
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and (
        a.relation is not null
        or not exists (
            select from plumb.log_of('plumb.audited_tables', plumb.relation_name(c.oid::regclass))
        )
    );
