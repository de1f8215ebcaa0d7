-- Returns a setting that is a number: settings are stored as text. It reads with the rights of the
-- caller and without a search_path, so that it is inlined: requests read several of them.
create or replace function plumb.setting_number(p_name text)
returns numeric
language sql
stable
as $$
    select plumb.setting(p_name)::pg_catalog.numeric
$$;
comment on function plumb.setting_number(text) is 'The value of a numeric setting, in its unit.';
grant execute on function plumb.setting_number(text) to plumb_reader, plumb_worker;
