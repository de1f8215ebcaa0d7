-- The roles of Plumbline and what they are members of. They belong to the server, so a restored
-- copy may find roles without login or memberships: each migration makes them whole.
reset role;
do $$
declare
    v_role record;
begin
    for v_role in
        select r.name, r.attributes
        from (values
            ('plumb_owner', 'nologin'),
            ('plumb_reader', 'nologin'),
            ('plumb_auditor', 'nologin'),
            ('plumb_operator', 'nologin'),
            ('plumb_admin', 'nologin'),
            ('plumb_api', 'login'),
            ('plumb_worker', 'login'),
            (
                'plumb_inspector',
                'nologin nosuperuser nocreatedb nocreaterole noinherit noreplication bypassrls'
            ),
            -- Reads the audit log's replication slot: functions of ours run as it, nobody else.
            ('plumb_replicator', 'nologin noinherit replication'),
            ('retail_app', 'nologin')
        ) as r (name, attributes)
        left join pg_catalog.pg_roles as k on k.rolname = r.name
        -- One that is there may log in or not as an administrator wants, but for our own programs.
        where
            k.rolname is null
            or r.name = 'plumb_inspector'
            or (r.attributes = 'login' and not k.rolcanlogin)
    loop
        if not exists (select from pg_catalog.pg_roles as k where k.rolname = v_role.name) then
            execute format('create role %I', v_role.name);
        end if;
        execute format('alter role %I %s', v_role.name, v_role.attributes);
    end loop;
    for v_role in
        select m.name, m.member
        from (values
            ('plumb_reader', 'plumb_operator'),
            ('plumb_reader', 'plumb_auditor'),
            ('plumb_reader', 'plumb_api'),
            ('plumb_operator', 'plumb_admin'),
            ('pg_monitor', 'plumb_owner'),
            ('pg_read_all_settings', 'plumb_owner'),
            ('pg_read_all_stats', 'plumb_owner')
        ) as m (name, member)
        where not exists (
            select from pg_catalog.pg_auth_members as k
            where k.roleid::regrole::text = m.name and k.member::regrole::text = m.member
        )
    loop
        execute format('grant %I to %I', v_role.name, v_role.member);
    end loop;
    -- Its administrator may have put the extension into a schema that is not for everybody.
    for v_role in
        select n.nspname as name
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
        where
            e.extname = 'pg_stat_statements'
            and not pg_catalog.has_schema_privilege('plumb_owner', n.oid, 'usage')
    loop
        execute format('grant usage on schema %I to plumb_owner', v_role.name);
    end loop;
end;
$$;
