-- Finds the relation that plumb.relation_name() gave this name, null when there is none.
-- to_regclass() would raise an error where the current role has no right to use the schema. In
-- PL/pgSQL because every commit that is checked asks: its plan is kept.
create or replace function plumb.find_relation(p_name text)
returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parts constant text [] := parse_ident(p_name);
begin
    if cardinality(v_parts) <> 2 then
        return null;
    end if;
    return (
        select c.oid
        from pg_namespace as n
        inner join pg_class as c on c.relnamespace = n.oid
        where n.nspname = v_parts[1] and c.relname = v_parts[2]
    );
end;
$$;
comment on function plumb.find_relation(text) is
'The relation of a name as relation_name() writes it, whatever rights the caller has; or null.';
grant execute on function plumb.find_relation(text) to plumb_reader;
