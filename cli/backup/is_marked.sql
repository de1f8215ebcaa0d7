-- Whether a database is marked as a shadow.
select exists (
    select from pg_db_role_setting as s, unnest(s.setconfig) as c
    where
        s.setrole = 0
        and s.setdatabase = (
            select d.oid from pg_database as d
            where d.datname = %s
        )
        and c = 'plumb.is_shadow=on'
)
