-- Settings are stored as text; most of them are numbers.
create or replace function plumb.setting_number(p_name text)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.setting(p_name)::numeric
$$;
comment on function plumb.setting_number(text) is 'The value of a numeric setting, in its unit.';
grant execute on function plumb.setting_number(text) to plumb_reader;
