-- The relation that plumb.relation_name() gave this name, null when there is none. to_regclass()
-- would raise an error where the current role has no right to use the schema.
create or replace function plumb.find_relation(p_name text)
returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select c.oid::regclass
    from (select parse_ident(p_name) as parts) as i
    inner join pg_namespace as n on n.nspname = i.parts[1]
    inner join pg_class as c on c.relnamespace = n.oid and c.relname = i.parts[2]
    where cardinality(i.parts) = 2
$$;
comment on function plumb.find_relation(text) is
'The relation of a name as relation_name() writes it, whatever rights the caller has; or null.';
grant execute on function plumb.find_relation(text) to plumb_reader;
