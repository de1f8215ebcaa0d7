-- Returns how a trigger's arguments name a key: its one column, a JSON array of several, or
-- nothing.
create or replace function plumb.key_spec(p_key_columns text[])
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when cardinality(p_key_columns) = 0 then ''
        when cardinality(p_key_columns) = 1 and left(p_key_columns[1], 1) <> '['
        then p_key_columns[1]
        else to_json(p_key_columns)::text
    end
$$;
comment on function plumb.key_spec(text[]) is
'The name of a key''s one column, or a JSON array of the names of several; empty without a key.';
grant execute on function plumb.key_spec(text[]) to plumb_reader;
