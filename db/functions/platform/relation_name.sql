-- Returns the name under which a table is remembered: always with its schema, whatever the
-- search_path and the quoting of the session. An OID would not survive a restore.
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
