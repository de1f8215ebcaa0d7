-- Finds a table by the name under which we remember it. to_regclass() would ask for rights on its
-- schema, which we may not have.
create or replace function plumb.find_table(p_relation text)
returns oid
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select c.oid
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where
        n.nspname = (parse_ident(p_relation))[1]
        and c.relname = (parse_ident(p_relation))[2]
        and c.relkind in ('r', 'p', 'f')
$$;
comment on function plumb.find_table(text) is 'The OID of the table of this name; null if none.';
revoke execute on function plumb.find_table(text) from public;
grant execute on function plumb.find_table(text) to plumb_reader;
