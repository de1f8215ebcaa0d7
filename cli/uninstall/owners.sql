-- The roles that own something in this database.
select distinct r.rolname::text
from pg_shdepend as d
inner join pg_roles as r on d.refclassid = 'pg_authid'::regclass and r.oid = d.refobjid
inner join pg_database as b on b.oid = d.dbid
where
    b.datname = current_database()
    and d.deptype = 'o'
    -- Rights on what a role is going to create are no object.
    and d.classid <> 'pg_default_acl'::regclass
