-- The role that installed what is there, quoted where it must be; null where nothing is.
select max(n.nspowner::regrole::text)
from pg_namespace as n
where n.nspname = 'plumb'
