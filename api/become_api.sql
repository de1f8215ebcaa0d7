-- The service acts as plumb_api, whatever its login may do. Where no superuser installed Plumbline
-- there is no such role, and all of it belongs to the login itself.
select
    pg_catalog.set_config(
        'role',
        case
            when 'plumb' in (
                select n.nspname
                from pg_catalog.pg_namespace as n
                inner join pg_catalog.pg_roles as r on r.oid = n.nspowner
                where r.rolname = session_user and not r.rolsuper
            ) then 'none'
            else 'plumb_api'
        end,
        false
    )
