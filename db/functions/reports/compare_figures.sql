-- Compares a figure with the one of the period before, in brackets, for the end of a sentence.
create or replace function plumb.compare_figures(p_value numeric, p_before numeric, p_unit text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_before is null then ' (nothing to compare with)'
        when p_value = p_before then ' (as before)'
        else format(' (%s before)', plumb.format_figure(p_before, p_unit))
    end
$$;
comment on function plumb.compare_figures(numeric, numeric, text) is
'Words that compare a value with the period before: (3 before), (as before).';
grant execute on function plumb.compare_figures(numeric, numeric, text) to plumb_reader;
