-- Returns a row's key as the log states it. p_key is the name of the one key column, a JSON array
-- of names for a key of several, or nothing. Every name is qualified, for code of others may have
-- changed the search_path by the time it is called inside plumb.inspect().
create or replace function plumb.audit_key(p_row jsonb, p_key text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when pg_catalog.left(p_key, 1) operator(pg_catalog.=) '['
        then (
            select pg_catalog.jsonb_agg(
                p_row operator(pg_catalog.->) c.name order by c.position
            )::text
            from pg_catalog.jsonb_array_elements_text(
                p_key::pg_catalog.jsonb
            ) with ordinality as c (name, position)
        )
        -- A member without a name has the exact texts of some values: plumb.exact_row().
        when p_key operator(pg_catalog.=) '' then null
        else p_row operator(pg_catalog.->>) p_key
    end
$$;
comment on function plumb.audit_key(jsonb, text) is
'The key of a row as text: the value of one column, or a JSON array of the values of several.';
grant execute on function plumb.audit_key(jsonb, text) to plumb_reader, plumb_inspector;
