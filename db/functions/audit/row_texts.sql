-- Returns the texts of the columns of a row that PostgreSQL printed as one: (1,"a, b",). Null and
-- the empty text are both empty.
create or replace function plumb.row_texts(p_row_text text)
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    select array_agg(
        coalesce(regexp_replace(m.parts[1], '(["\\])(.)', '\2', 'g'), m.parts[2])
        order by m.position
    )
    from regexp_matches(
        substr(p_row_text, 2), '(?:"((?:[^"\\]|""|\\.)*)"|([^,()"]*))[,)]', 'g'
    ) with ordinality as m (parts, position)
$$;
comment on function plumb.row_texts(text) is 'The texts of the columns of a row as it is printed.';
