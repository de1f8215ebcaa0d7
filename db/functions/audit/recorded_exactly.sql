-- Returns a row with the exact texts of what JSON does not tell apart. After its pattern for the
-- whole row, p_exact has three texts for each such column: its name, its place among the columns of
-- the row as it is printed, and its pattern.
create or replace function plumb.recorded_exactly(p_row jsonb, p_row_text text, p_exact text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select plumb.exact_row(
        p_row,
        array_agg(p_exact[i.place] order by i.place),
        array_agg(p_exact[i.place + 2] order by i.place),
        array_agg(t.texts[p_exact[i.place + 1]::integer] order by i.place)
    )
    from plumb.row_texts(p_row_text) as t (texts)
    cross join generate_series(2, cardinality(p_exact), 3) as i (place)
$$;
comment on function plumb.recorded_exactly(jsonb, text, text[]) is
'A row as a trigger records it, with the exact texts of what JSON does not tell apart.';
