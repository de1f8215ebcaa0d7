-- A row's key as the log states it. p_key is the name of the one key column, a JSON array of
-- names for a key of several, or nothing.
create or replace function plumb.audit_key(p_row jsonb, p_key text)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when left(p_key, 1) = '['
        then (
            select jsonb_agg(p_row -> c.name order by c.position)::text
            from jsonb_array_elements_text(p_key::jsonb) with ordinality as c (name, position)
        )
        else p_row ->> p_key
    end
$$;
comment on function plumb.audit_key(jsonb, text) is
'The key of a row as text: the value of one column, or a JSON array of the values of several.';
grant execute on function plumb.audit_key(jsonb, text) to plumb_reader;
