-- plumb_inspector reads the relations of others: code that their owners attached to them runs with
-- its rights, so it has none but to read what is audited or declared.
do $$
declare
    v_name text;
    v_relation regclass;
begin
    -- Roles belong to the whole cluster: another database may have brought it already.
    if not exists (select from pg_roles where rolname = 'plumb_inspector') then
        create role plumb_inspector;
    end if;
    alter role plumb_inspector nologin nosuperuser nocreatedb nocreaterole noinherit noreplication
    bypassrls;
    comment on role plumb_inspector is
    'Reads audited tables and the views of invariants; code attached to them runs as it.';
    if exists (
        select from pg_auth_members as m
        where 'plumb_inspector'::regrole in (m.roleid, m.member)
    ) then
        raise exception 'role plumb_inspector has members, or is a member of another role'
            using errcode = 'PL005',
            hint = 'It must be neither: look at \du plumb_inspector and revoke the memberships.';
    end if;

    for v_name in
        select a.relation from plumb.audited_tables as a
        union
        select i.view_name from plumb.invariants as i where i.view_name !~ '^plumb\.'
    loop
        for v_relation in
            select t.relid from pg_partition_tree(to_regclass(v_name)) as t
            union
            select to_regclass(v_name)
            where to_regclass(v_name) is not null
        loop
            execute format(
                'grant usage on schema %s to plumb_inspector',
                (
                    select c.relnamespace::regnamespace
                    from pg_class as c
                    where c.oid = v_relation
                )
            );
            execute format('grant select on %s to plumb_inspector', v_relation);
        end loop;
    end loop;

    -- What reads through the role needs no superuser any more.
    for v_name in
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.oid in (
            to_regprocedure('plumb.reconcile_audit(regclass, text)'),
            to_regprocedure('plumb.take_audit_baseline(text, text)'),
            to_regprocedure('plumb.tg_audit_truncate()')
        )
    loop
        execute format('alter function %s owner to plumb_owner', v_name);
    end loop;
end
$$;
grant usage on schema plumb to plumb_inspector;
