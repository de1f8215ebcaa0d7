-- Leaves out the columns of a row that are null, so that a new column without a value changes no
-- row. Nulls inside a document, an array or a row are values and stay; where there are none,
-- jsonb_strip_nulls() does the same in a third of the time. Inlined. Every name is qualified, for
-- code of others may have changed the search_path by the time it is called inside plumb.inspect().
create or replace function plumb.set_columns(p_row jsonb)
returns jsonb
language sql
immutable
parallel safe
as $$
    select case
        when pg_catalog.jsonb_path_exists(p_row, 'strict $.*.**{1 to last} ? (@ == null)')
        then plumb.strip_null_columns(p_row)
        else pg_catalog.jsonb_strip_nulls(p_row)
    end
$$;
comment on function plumb.set_columns(jsonb) is 'A row without those of its columns that are null.';
grant execute on function plumb.set_columns(jsonb) to plumb_inspector;
