-- Lists the relations that whoever reads a table or view must be able to read: the table with its
-- partitions, or the view, and what a view that reads with the rights of its reader
-- (security_invoker) names. Whoever owns a view may name any relation in it, so each says whether
-- that owner may read it.
create or replace function plumb.needed_relations(p_relation regclass)
returns table (relation oid, is_readable boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive needed as (
        select m.member::oid as relation, true as is_asked
        from plumb.audit_members(p_relation) as m
        union
        select d.refobjid, false
        from needed as n
        inner join pg_class as v on v.oid = n.relation and v.relkind = 'v'
        cross join lateral pg_options_to_table(v.reloptions) as o
        inner join pg_rewrite as r on r.ev_class = v.oid
        inner join pg_depend as d
            on
                d.classid = 'pg_rewrite'::regclass
                and d.objid = r.oid
                and d.refclassid = 'pg_class'::regclass
                and d.refobjid <> v.oid
        where o.option_name = 'security_invoker' and o.option_value::boolean
    )

    select
        c.oid,
        bool_or(n.is_asked)
        or (
            has_schema_privilege(w.oid, c.relnamespace, 'usage')
            and has_table_privilege(w.oid, c.oid, 'select')
            -- plumb_inspector sees the rows that a policy hides from the owner of the view.
            and (
                not c.relrowsecurity
                or w.rolsuper
                or w.rolbypassrls
                or pg_has_role(w.oid, c.relowner, 'usage')
            )
        )
    from needed as n
    inner join pg_class as c on c.oid = n.relation
    inner join pg_class as a on a.oid = p_relation
    inner join pg_roles as w on w.oid = a.relowner
    group by c.oid, c.relnamespace, c.relrowsecurity, c.relowner, w.oid, w.rolsuper, w.rolbypassrls
$$;
comment on function plumb.needed_relations(regclass) is
'What must be readable to read a table or view, and whether the owner of it may read that.';
revoke execute on function plumb.needed_relations(regclass) from public;
grant execute on function plumb.needed_relations(regclass) to plumb_owner;
