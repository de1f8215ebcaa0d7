-- A setting that is a length of time says its unit at the end of its name, so that nobody converts
-- by hand. Inlined like plumb.setting_number(): with a name that is known the unit costs nothing.
create or replace function plumb.setting_interval(p_name text)
returns interval
language sql
stable
as $$
    select pg_catalog.make_interval(
        secs => plumb.setting_number(p_name)::pg_catalog.float8
        * case pg_catalog.substring(p_name, '_(ms|seconds|minutes|hours)(?:_max|_min)?$')
            when 'ms' then 0.001
            when 'seconds' then 1
            when 'minutes' then 60
            when 'hours' then 3600
        end
    )
$$;
comment on function plumb.setting_interval(text) is
'The value of a setting whose name ends with ms, seconds, minutes or hours, as an interval.';
grant execute on function plumb.setting_interval(text) to plumb_reader;
