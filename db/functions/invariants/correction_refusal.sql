-- Returns why a function may not correct what an invariant's view shows, null when it may. It
-- writes, so it cannot be called without rights as plumb.inspect() calls what only reads: it must
-- be SECURITY DEFINER, so that it has its owner's rights and none of ours. What it returns is an
-- integer, for a cast from any other type could run a function of the type's owner with our rights.
-- A superuser's function would run the triggers of the tables that it changes as a superuser, so
-- none of these may be of another. Nor may a table that a rule's correction reads: planning a query
-- on it runs code of its owner, and the owner of the corrected table has not written that query.
-- For the same reason the condition of such a rule names nothing that has a schema, which may be of
-- anybody.
create or replace function plumb.correction_refusal(p_name text, p_view regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive read as (
        select p_view::oid as relation
        union
        -- The view of a rule does not depend on the tables that it reads.
        select (p.value ->> 'oid')::oid
        from plumb.rules as r
        cross join jsonb_each(r.places) as p
        where plumb.find_relation(format('plumb_rules.%I', lower(r.invariant))) = p_view
        union
        select d.refobjid
        from read as o
        inner join pg_rewrite as r on r.ev_class = o.relation
        inner join pg_depend as d
            on
                d.classid = 'pg_rewrite'::regclass
                and d.objid = r.oid
                and d.refclassid = 'pg_class'::regclass
    )

    select case
        when f.oid is null then 'does not exist'
        when o.rolname = 'plumb_owner' and n.nspname = 'plumb' then null
        when not f.prosecdef
            then 'is not SECURITY DEFINER and would have our rights'
        when f.prorettype not in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
            then format('returns %s, not bigint', format_type(f.prorettype, null))
        when not has_schema_privilege('plumb_owner', n.oid, 'usage')
            then format('is in schema %I, which plumb_owner may not use', n.nspname)
        when not has_function_privilege('plumb_owner', f.oid, 'execute')
            then 'may not be executed by plumb_owner'
        when o.rolsuper
            then (
                select format(
                    'belongs to a superuser, and the triggers of %s, which belongs to %I, would run'
                    ' as one',
                    c.oid::regclass,
                    t.rolname
                )
                from read as r
                inner join pg_class as c on c.oid = r.relation
                inner join pg_roles as t on t.oid = c.relowner
                where not t.rolsuper and t.rolname <> 'plumb_owner'
                order by c.oid
                limit 1
            )
        when n.nspname = 'plumb_rules' and exists (
            select from plumb.rules as r
            where
                plumb.find_relation(format('plumb_rules.%I', lower(r.invariant))) = p_view
                and plumb.names_a_schema(r.arguments ->> 'where')
        )
            then format(
                'would run what its condition names by a schema with the rights of %I', o.rolname
            )
        when n.nspname = 'plumb_rules'
            then (
                select format(
                    'would run what %I attached to %s with the rights of %I',
                    t.rolname,
                    c.oid::regclass,
                    o.rolname
                )
                from read as r
                inner join pg_class as c on c.oid = r.relation
                inner join pg_roles as t on t.oid = c.relowner
                where
                    t.oid <> o.oid
                    and not t.rolsuper
                    and t.rolname <> 'plumb_owner'
                order by c.oid
                limit 1
            )
    end
    from (select plumb.find_correction(p_name) as oid) as c
    left join pg_proc as f on f.oid = c.oid
    left join pg_namespace as n on n.oid = f.pronamespace
    left join pg_roles as o on o.oid = f.proowner
$$;
comment on function plumb.correction_refusal(text, regclass) is
'What is wrong with a function as the auto-correct of an invariant, null when nothing is.';
