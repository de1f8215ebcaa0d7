-- Whether PostgreSQL lets the owner of a database create the extension.
select v.trusted
from pg_available_extensions as a
inner join pg_available_extension_versions as v on v.name = a.name and v.version = a.default_version
where a.name = %s
