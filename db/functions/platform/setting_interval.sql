-- Returns a setting that is a length of time as an interval: the end of its name says its unit, so
-- that no caller converts by hand. Inlined like plumb.setting_number(): with a name that is known
-- the unit costs nothing.
create or replace function plumb.setting_interval(p_name text)
returns interval
language sql
stable
as $$
    select pg_catalog.make_interval(
        secs => plumb.setting_number(p_name)::pg_catalog.float8
        operator(pg_catalog.*) case
            when p_name operator(pg_catalog.~) '_ms(_max|_min)?$' then 0.001
            when p_name operator(pg_catalog.~) '_seconds(_max|_min)?$' then 1
            when p_name operator(pg_catalog.~) '_minutes(_max|_min)?$' then 60
            when p_name operator(pg_catalog.~) '_hours(_max|_min)?$' then 3600
            when p_name operator(pg_catalog.~) '_days(_max|_min)?$' then 86400
            when p_name operator(pg_catalog.~) '_weeks(_max|_min)?$' then 604800
        end
    )
$$;
comment on function plumb.setting_interval(text) is
'The value of a setting whose name ends with its unit of time, from ms to weeks, as an interval.';
grant execute on function plumb.setting_interval(text) to plumb_reader;
