-- The name under which we remember a table: always with its schema, whatever the search_path.
-- An OID would not survive a restore. Nobody's session may quote it otherwise.
create or replace function plumb.relation_name(p_relation regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select format('%s.%I', c.relnamespace::regnamespace, c.relname)
    from pg_class as c
    where c.oid = p_relation
$$;
comment on function plumb.relation_name(regclass) is 'schema.table, quoted where needed.';
grant execute on function plumb.relation_name(regclass) to plumb_reader;
