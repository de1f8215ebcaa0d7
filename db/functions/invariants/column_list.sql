-- Writes columns as SQL, each with the alias of its table. The texts around and between them make
-- lists, comparisons and arguments of it.
create or replace function plumb.column_list(
    p_columns jsonb, p_format text, p_separator text default ', '
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        replace(replace(p_format, '{column}', quote_ident(c.name)), '{number}', c.position::text),
        p_separator
        order by c.position
    )
    from jsonb_array_elements_text(p_columns) with ordinality as c (name, position)
$$;
comment on function plumb.column_list(jsonb, text, text) is
'Columns as SQL: {column} and {number} of the format stand for each of them.';
grant execute on function plumb.column_list(jsonb, text, text) to plumb_reader;
