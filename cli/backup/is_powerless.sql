-- Whether the role of this session has no right beyond its own database.
select
    current_user = session_user
    and not (r.rolsuper or r.rolcreatedb or r.rolcreaterole or r.rolreplication or r.rolbypassrls)
    and not exists (
        select from pg_auth_members as m
        where m.member = r.oid
    )
    and not pg_has_role(d.datdba, 'member')
from pg_roles as r, pg_database as d
where r.rolname = current_user and d.datname = current_database()
