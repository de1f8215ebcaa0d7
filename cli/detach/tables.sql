-- The tables that a name means: one table, or those of a schema; with what watches each. A
-- partition goes with the table that it is a partition of.
select
    c.oid::regclass::text,
    n.nspname::text,
    c.oid in (select g.relation_id from plumb.guarded_tables as g),
    c.oid in (select a.relid from plumb.audited_tables as a),
    (
        select coalesce(array_agg(distinct w.invariant order by w.invariant), '{}')
        from plumb.invariant_watches as w
        inner join plumb.invariants as i on i.name = w.invariant and i.enforcement <> 'detect'
        where plumb.find_relation(w.relation) = c.oid
    )
from (values (%s::text)) as wanted (name)
inner join pg_class as c on c.relkind in ('r', 'p', 'f')
inner join pg_namespace as n on n.oid = c.relnamespace
where
    (
        c.oid = to_regclass(wanted.name)
        or (
            to_regclass(wanted.name) is null
            and wanted.name in (n.nspname, quote_ident(n.nspname))
        )
    )
    and (c.oid = to_regclass(wanted.name) or not c.relispartition)
order by 1
