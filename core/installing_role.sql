-- The role that installs, and what it may do to roles.
select r.rolname::text, r.rolsuper, r.rolcreaterole
from pg_roles as r
where r.rolname = current_user
