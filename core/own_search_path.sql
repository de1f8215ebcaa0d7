-- The search_path that this database gives its sessions.
select substr(c.entry, length('search_path=') + 1)
from pg_db_role_setting as s
cross join unnest(s.setconfig) as c (entry)
inner join pg_database as d on d.oid = s.setdatabase
where d.datname = current_database() and s.setrole = 0 and c.entry like 'search_path=%'
