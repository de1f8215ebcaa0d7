-- Spells a name as plumb.relation_name() does, for a table that is no longer in the catalog.
create or replace function plumb.name_as_relation(p_schema text, p_name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select format('%I.%I', p_schema, p_name)
$$;
comment on function plumb.name_as_relation(text, text) is 'schema.table, quoted where needed.';
