-- Lets plumb.inspect() read an audited table with its partitions, or the view of an invariant. A
-- view that reads with the rights of whoever asks (security_invoker) needs what it reads as well,
-- but only what its owner may read is granted: looked up and judged in one statement, so that a
-- view that is changed meanwhile gains nothing. What is granted already stays untouched.
-- Runs as the superuser, for the relation is not ours.
reset role;
create or replace function plumb.grant_inspection(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_target record;
begin
    for v_target in
        with recursive needed as (
            select m.member as relation from plumb.audit_members(p_relation) as m
            union
            select d.refobjid::regclass
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
            n.relation,
            c.relnamespace,
            c.relnamespace::regnamespace as schema_name,
            has_table_privilege('plumb_inspector', n.relation, 'select') as is_granted
        from needed as n
        inner join pg_class as c on c.oid = n.relation
        inner join pg_class as v on v.oid = p_relation
        inner join pg_roles as w on w.oid = v.relowner
        where
            c.relkind in ('r', 'p', 'v', 'm', 'f')
            and c.relnamespace not in (
                'pg_catalog'::regnamespace, 'information_schema'::regnamespace
            )
            -- Of our own, nothing but the views of our own invariants.
            and (c.relnamespace <> 'plumb'::regnamespace or c.relkind = 'v')
            and (
                n.relation in (select m.member from plumb.audit_members(p_relation) as m)
                or (
                    has_schema_privilege(w.oid, c.relnamespace, 'usage')
                    and has_table_privilege(w.oid, c.oid, 'select')
                    -- plumb_inspector sees the rows that a policy hides from the view's owner.
                    and (
                        not c.relrowsecurity
                        or w.rolsuper
                        or w.rolbypassrls
                        or pg_has_role(w.oid, c.relowner, 'usage')
                    )
                )
            )
    loop
        if not has_schema_privilege('plumb_inspector', v_target.relnamespace, 'usage') then
            execute format('grant usage on schema %s to plumb_inspector', v_target.schema_name);
        end if;
        if not v_target.is_granted then
            execute format('grant select on %s to plumb_inspector', v_target.relation);
        end if;
    end loop;
end;
$$;
comment on function plumb.grant_inspection(regclass) is
'Let plumb_inspector read a table with its partitions, or a view.';
revoke execute on function plumb.grant_inspection(regclass) from public;
grant execute on function plumb.grant_inspection(regclass) to plumb_owner;
