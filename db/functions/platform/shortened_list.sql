-- Returns the first names of a list, and how many more there are: a message is read, not counted.
create or replace function plumb.shortened_list(p_names text[])
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select
        array_to_string(p_names[1:5], ', ')
        || case
            when cardinality(p_names) > 5 then format(' and %s more', cardinality(p_names) - 5)
            else ''
        end
$$;
comment on function plumb.shortened_list(text[]) is
'The first five names of a list, and how many more there are.';
