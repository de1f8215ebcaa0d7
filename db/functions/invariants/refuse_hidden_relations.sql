-- Refuses a view that reads, with the rights of whoever asks (security_invoker), what its owner may
-- not read himself. Whoever owns a view may name any relation in it: plumb.grant_inspection() would
-- let plumb_inspector read that for him, and code of his in the view would see its rows.
create or replace function plumb.refuse_hidden_relations(p_view regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hidden regclass;
begin
    with recursive needed as (
        select p_view::oid as relation
        union
        select d.refobjid
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

    select c.oid::regclass into v_hidden
    from needed as n
    inner join pg_class as c on c.oid = n.relation
    inner join pg_roles as w on w.oid = (select v.relowner from pg_class as v where v.oid = p_view)
    where
        c.oid <> p_view
        and not (
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
    order by c.oid
    limit 1;
    if found then
        raise exception 'view % reads %, which its owner may not read', p_view, v_hidden
            using errcode = 'PL002',
            hint = 'Grant it to the owner of the view, or give the view to another owner.';
    end if;
end;
$$;
comment on function plumb.refuse_hidden_relations(regclass) is
'Raise PL002 when a security_invoker view reads a relation that its owner may not read.';
revoke execute on function plumb.refuse_hidden_relations(regclass) from public;
