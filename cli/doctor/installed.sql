-- With what rights the code was applied, by whom, for which roles of ours that role stands in, and
-- whether there is PL/Python.
select
    i.is_by_superuser,
    pg_get_userbyid(n.nspowner),
    i.own_roles,
    exists(
        select from pg_language as l
        where l.lanname = 'plpython3u'
    )
from plumb.installation as i
cross join pg_namespace as n
where n.nspname = 'plumb'
