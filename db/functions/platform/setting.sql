-- Returns the value of a setting; a misspelt name is an error and never a silent null.
create or replace function plumb.setting(p_name text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_value text;
begin
    select coalesce(s.value, s.default_value)
    into v_value
    from plumb.settings as s
    where s.name = p_name;
    if not found then
        raise exception 'there is no setting %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name, description from plumb.settings;';
    end if;
    return v_value;
end;
$$;
comment on function plumb.setting(text) is
'The value of a setting: the operator''s choice, or the default. Unknown names raise PL001.';
grant execute on function plumb.setting(text) to plumb_reader, plumb_worker;
