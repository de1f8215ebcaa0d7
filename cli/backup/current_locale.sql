-- This database's row of pg_database as JSON: its columns differ between versions.
select to_jsonb(d) || jsonb_build_object('encoding', pg_catalog.pg_encoding_to_char(d.encoding))
from pg_catalog.pg_database as d
where d.datname = pg_catalog.current_database()
