-- The roles of the server, their memberships and settings, and the settings of this database.
with roles as (
    select
        a.rolname as name,
        a.rolsuper as superuser,
        a.rolinherit as inherit,
        a.rolcreaterole as createrole,
        a.rolcreatedb as createdb,
        a.rolcanlogin as login,
        a.rolreplication as replication,
        a.rolbypassrls as bypassrls,
        a.rolconnlimit as connection_limit,
        a.rolvaliduntil as valid_until,
        shobj_description(a.oid, 'pg_authid') as description
    from pg_roles as a
    where a.rolname !~ '^pg_'
),

memberships as (
    select distinct
        r.rolname as role,
        g.rolname as member,
        m.admin_option as admin
    from pg_auth_members as m
    inner join pg_roles as r on r.oid = m.roleid
    inner join pg_roles as g on g.oid = m.member
    where g.rolname !~ '^pg_'
),

settings as (
    select
        r.rolname as role,
        s.setdatabase <> 0 as "ofDatabase",
        s.setconfig as settings
    from pg_db_role_setting as s
    left join pg_database as d on d.oid = s.setdatabase
    left join pg_roles as r on r.oid = s.setrole
    where
        (s.setdatabase = 0 or d.datname = current_database())
        and coalesce(r.rolname, '') !~ '^pg_'
)

select jsonb_build_object(
    'roles', (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from roles as r),
    'memberships', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from memberships as m),
    'settings', (select coalesce(jsonb_agg(to_jsonb(s)), '[]') from settings as s)
)
