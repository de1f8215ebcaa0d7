-- Returns the auto-correct function of a name as schema.function, null when there is none.
-- to_regprocedure() would raise an error where the current role has no right to use the schema.
create or replace function plumb.find_correction(p_name text)
returns regprocedure
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select p.oid::regprocedure
    from (select parse_ident(p_name) as parts) as i
    inner join pg_namespace as n on n.nspname = i.parts[1]
    inner join pg_proc as p on p.pronamespace = n.oid and p.proname = i.parts[2]
    where
        cardinality(i.parts) = 2
        and p.prokind = 'f'
        and p.pronargs = 1
        and p.proargtypes[0] = 'text[]'::regtype
$$;
comment on function plumb.find_correction(text) is
'The function schema.function(text[]), whatever rights the caller has; or null.';
