-- Whether the database or the login gives a superuser's sessions another role. One that the URL
-- names is meant, and whoever is no superuser may own the tables by that role alone.
select current_user <> session_user and r.rolsuper
from pg_catalog.pg_roles as r
where r.rolname = session_user
