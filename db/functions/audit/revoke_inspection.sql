-- Takes back what plumb.grant_inspection() granted, unless the relation is still audited, the view
-- of an invariant, a table of a rule or one of expected migrations. Runs as the superuser, for the
-- relation is not ours.
reset role;
create or replace function plumb.revoke_inspection(p_relation regclass)
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
        select m.member as relation
        from plumb.audit_members(p_relation) as m
        where
            plumb.relation_name(p_relation) not in (
                select a.relation from plumb.audited_tables as a
                union all
                select i.view_name from plumb.invariants as i
                union all
                select e.relation from plumb.expected_migrations as e where e.relation is not null
                union all
                select p.relation
                from plumb.rules as r
                cross join jsonb_object_keys(r.places) as p (relation)
            )
            and has_table_privilege('plumb_inspector', m.member, 'select')
            -- Where the installing role inspects, the table is its own.
            and current_user <> 'plumb_inspector'
    loop
        execute format('revoke select on %s from plumb_inspector', v_target.relation);
    end loop;
end;
$$;
comment on function plumb.revoke_inspection(regclass) is
'Take from plumb_inspector what nothing needs any more that is audited, declared or expected.';
revoke execute on function plumb.revoke_inspection(regclass) from public;
grant execute on function plumb.revoke_inspection(regclass) to plumb_owner;
