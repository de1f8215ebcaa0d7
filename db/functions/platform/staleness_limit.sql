-- Returns how old the result of a job may be: twice its interval and a minute, for one late run is
-- no news and two are. Inlined like plumb.setting_interval().
create or replace function plumb.staleness_limit(p_interval_setting text)
returns interval
language sql
stable
as $$
    select
        (2 operator(pg_catalog.*) plumb.setting_interval(p_interval_setting))
        operator(pg_catalog.+) interval '00:01:00'
$$;
comment on function plumb.staleness_limit(text) is
'The age from which the result of a job with this interval setting is out of date.';
grant execute on function plumb.staleness_limit(text) to plumb_reader;
