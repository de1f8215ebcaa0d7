-- Returns the identity of this database, within which an OID means one object: a copy that was
-- restored from a dump has others.
create or replace function plumb.database_identity()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select regexp_replace(plumb.seal_origin(), '/[^/]*$', '')
$$;
comment on function plumb.database_identity() is 'system identifier/database oid.';
