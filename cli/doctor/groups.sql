-- The groups of ours whose rights the current role has; a superuser has them all.
select r.rolname
from pg_roles as r
where r.rolname like 'plumb\_%' and pg_has_role(r.oid, 'usage')
order by r.rolname
