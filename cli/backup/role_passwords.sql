-- The hashes of the passwords, which only a superuser may read.
select coalesce(jsonb_object_agg(a.rolname, a.rolpassword), '{}')
from pg_authid as a
where a.rolpassword is not null and a.rolname !~ '^pg_'
