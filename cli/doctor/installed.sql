-- With what rights the code was applied, by whom, and for which roles of ours that role stands in.
select i.is_by_superuser, pg_get_userbyid(n.nspowner), i.own_roles
from plumb.installation as i
cross join pg_namespace as n
where n.nspname = 'plumb'
