-- Returns a figure as text with its unit. An unknown figure is the word unknown, never a zero.
create or replace function plumb.format_figure(p_value numeric, p_unit text)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_value is null then 'unknown'
        when p_unit = 'ratio' then trim_scale(round(p_value * 100, 2)) || ' %'
        when p_unit = 'bytes' then pg_size_pretty(p_value)
        when p_unit = 'ms' then trim_scale(round(p_value, 1)) || ' ms'
        when p_unit = 'seconds' and p_value < 120 then trim_scale(round(p_value, 1)) || ' s'
        when p_unit = 'seconds' and p_value < 7200 then round(p_value / 60) || ' min'
        when p_unit = 'seconds' and p_value < 172800
            then trim_scale(round(p_value / 3600, 1)) || ' h'
        when p_unit = 'seconds' then trim_scale(round(p_value / 86400, 1)) || ' days'
        when p_unit = 'points' then trim_scale(round(p_value, 1))::text
        else trim(to_char(p_value, 'FM999,999,999,999,999,990'))
    end
$$;
comment on function plumb.format_figure(numeric, text) is
'A value of a unit (count, points, ratio, ms, seconds, bytes) as text; null is unknown.';
grant execute on function plumb.format_figure(numeric, text) to plumb_reader;
