-- The name under which we remember a table: always with its schema, whatever the search_path.
-- An OID would not survive a restore. It is inlined, hence every name is qualified.
create or replace function plumb.relation_name(p_relation regclass)
returns text
language sql
stable
as $$
    select pg_catalog.format('%s.%I', c.relnamespace::pg_catalog.regnamespace, c.relname)
    from pg_catalog.pg_class as c
    where c.oid operator(pg_catalog.=) p_relation
$$;
comment on function plumb.relation_name(regclass) is 'schema.table, quoted where needed.';
grant execute on function plumb.relation_name(regclass) to plumb_reader;
