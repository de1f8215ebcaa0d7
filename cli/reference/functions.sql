-- Each function and procedure of schema plumb that a role besides its owner may call, once for
-- each of these roles: what it is called with, what it returns, what it does.
select
    p.proname as name,
    format(
        '%s(%s)%s',
        p.proname,
        pg_get_function_arguments(p.oid),
        case
            when p.prokind <> 'p' then format(' returns %s', pg_get_function_result(p.oid))
            else ''
        end
    ) as signature,
    p.provolatile = 'v' as is_changing,
    r.rolname as role,
    obj_description(p.oid, 'pg_proc') as description
from pg_proc as p
cross join lateral aclexplode(p.proacl) as a
inner join pg_roles as r on r.oid = a.grantee
where
    p.pronamespace = 'plumb'::regnamespace
    and a.privilege_type = 'EXECUTE'
    and a.grantee <> p.proowner
    and r.rolname <> 'plumb_owner'
order by p.proname, p.oid::regprocedure::text, r.rolname
