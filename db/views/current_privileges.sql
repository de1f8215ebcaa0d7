-- Lists who may do what, one right a row: roles and their memberships in the whole cluster, and
-- every grant on this database and inside the guarded schemas. Of an owner's rights on its own
-- objects, only the kind owner is listed. What a release of Plumbline gives its own roles is left
-- out, because it needs no acceptance; what else these roles are given is there.
create view plumb.current_privileges as
with guarded as (
    select
        n.oid,
        n.nspname,
        n.nspowner,
        n.nspacl
    from pg_namespace as n
    where n.nspname = any(plumb.guarded_schemas())
),

acls as (
    select
        'database' as kind,
        d.datname::text as object,
        d.datdba as owner,
        coalesce(d.datacl, acldefault('d', d.datdba)) as acl
    from pg_database as d
    where d.datname = current_database()
    union all
    select
        'schema' as kind,
        g.nspname::text as object,
        g.nspowner as owner,
        coalesce(g.nspacl, acldefault('n', g.nspowner)) as acl
    from guarded as g
    union all
    select
        case c.relkind when 'S' then 'sequence' else 'table' end as kind,
        format('%s.%s', g.nspname, c.relname) as object,
        c.relowner as owner,
        coalesce(
            c.relacl,
            case c.relkind
                when 'S' then acldefault('s', c.relowner) else acldefault('r', c.relowner)
            end
        ) as acl
    from pg_class as c
    inner join guarded as g on g.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select
        'column' as kind,
        format('%s.%s.%s', g.nspname, c.relname, a.attname) as object,
        c.relowner as owner,
        a.attacl as acl
    from pg_attribute as a
    inner join pg_class as c on c.oid = a.attrelid
    inner join guarded as g on g.oid = c.relnamespace
    where a.attacl is not null and not a.attisdropped
    union all
    select
        'function' as kind,
        format('%s.%s(%s)', g.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
            as object,
        p.proowner as owner,
        coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from pg_proc as p
    inner join guarded as g on g.oid = p.pronamespace
    union all
    select
        'default' as kind,
        format('%s: new %s of %s', g.nspname, d.defaclobjtype, pg_get_userbyid(d.defaclrole))
            as object,
        d.defaclrole as owner,
        d.defaclacl as acl
    from pg_default_acl as d
    inner join guarded as g on g.oid = d.defaclnamespace
),

found as (
    select
        'role' as kind,
        r.rolname::text as object,
        '' as grantee,
        a.attribute as privilege
    from pg_roles as r
    cross join
        lateral (
            values
            ('login', r.rolcanlogin),
            ('superuser', r.rolsuper),
            ('create role', r.rolcreaterole),
            ('create database', r.rolcreatedb),
            ('replication', r.rolreplication),
            ('bypass row security', r.rolbypassrls)
        ) as a (attribute, is_set)
    where a.is_set and r.rolname not like 'pg\_%'
    union all
    select
        'membership' as kind,
        pg_get_userbyid(m.roleid)::text as object,
        pg_get_userbyid(m.member)::text as grantee,
        case when bool_or(m.admin_option) then 'member and administrator' else 'member' end
            as privilege
    from pg_auth_members as m
    -- Roles of PostgreSQL's own are members of each other by design.
    where pg_get_userbyid(m.member) not like 'pg\_%'
    group by m.roleid, m.member
    union all
    select
        'owner' as kind,
        format('%s %s', a.kind, a.object) as object,
        pg_get_userbyid(a.owner)::text as grantee,
        'owner' as privilege
    from acls as a
    where a.kind in ('database', 'schema', 'table', 'function')
    union all
    select
        a.kind,
        a.object,
        coalesce(pg_get_userbyid(nullif(e.grantee, 0)), 'PUBLIC')::text as grantee,
        lower(e.privilege_type)
        || case when bool_or(e.is_grantable) then ' with grant option' else '' end as privilege
    from acls as a
    cross join lateral aclexplode(a.acl) as e
    where e.grantee <> a.owner
    group by a.kind, a.object, e.grantee, e.privilege_type
)

select
    f.kind,
    f.object,
    f.grantee,
    f.privilege
from found as f
where
    (f.kind, f.object, f.grantee, f.privilege) not in (
        ('role', 'plumb_api', '', 'login'),
        ('role', 'plumb_worker', '', 'login'),
        ('role', 'plumb_inspector', '', 'bypass row security'),
        ('role', 'plumb_replicator', '', 'replication'),
        ('membership', 'plumb_reader', 'plumb_api', 'member'),
        ('membership', 'plumb_reader', 'plumb_auditor', 'member'),
        ('membership', 'plumb_reader', 'plumb_operator', 'member'),
        ('membership', 'plumb_operator', 'plumb_admin', 'member'),
        ('membership', 'pg_monitor', 'plumb_owner', 'member'),
        ('membership', 'pg_read_all_settings', 'plumb_owner', 'member'),
        ('membership', 'pg_read_all_stats', 'plumb_owner', 'member')
    )
    -- It is given what is audited or declared to read, and nothing else is taken from it.
    and not (
        f.grantee = 'plumb_inspector'
        and (f.kind, f.privilege) in (('schema', 'usage'), ('table', 'select'))
    );
comment on view plumb.current_privileges is
'Rights as they are now: roles, memberships, grants and owners, one a row.';
comment on column plumb.current_privileges.kind is 'The kind of object.';
comment on column plumb.current_privileges.object is 'The object that the right is about.';
comment on column plumb.current_privileges.grantee is 'Who has the right.';
comment on column plumb.current_privileges.privilege is 'The right.';
