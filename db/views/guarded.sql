-- Lists which tables obey safe mode, and which do not: a table without a guard should not be a
-- surprise.
create view plumb.guarded as
select
    plumb.relation_name(c.oid) as relation,
    plumb.has_guard(c.oid) as obeys_safe_mode,
    array(
        select distinct w.invariant
        from plumb.invariant_watches as w
        where w.relation = plumb.relation_name(c.oid)
        order by w.invariant
    ) as invariants
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where
    c.relkind in ('r', 'p', 'f')
    and c.relpersistence <> 't'
    and n.nspname not in ('plumb', 'pg_catalog', 'information_schema', 'pg_toast', 'cron')
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
order by relation;
comment on view plumb.guarded is
'Every table of the application: whether it obeys safe mode, which invariants watch it.';
comment on column plumb.guarded.relation is 'The table, as schema.table.';
comment on column plumb.guarded.obeys_safe_mode is 'Whether safe mode stops writes to it.';
comment on column plumb.guarded.invariants is 'The invariants that watch it.';
