-- Returns a count with its noun in the right form: "1 finding", "2 findings".
create or replace function plumb.counted(p_count numeric, p_one text, p_many text default null)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s %s', p_count, case when p_count = 1 then p_one else coalesce(p_many, p_one || 's') end
    )
$$;
comment on function plumb.counted(numeric, text, text) is
'A number with the noun that it counts; the plural is the singular with an s unless it is given.';
grant execute on function plumb.counted(numeric, text, text) to plumb_reader;
