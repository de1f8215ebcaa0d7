-- Returns the whole value of a setting that plumb.settings shows without its secret part. For
-- functions that use the value and return it to no caller; no role may call this one.
create or replace function plumb.secret_setting(p_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(max(s.value), plumb.setting(p_name))
    from plumb.setting_secrets as s
    where s.name = p_name
$$;
comment on function plumb.secret_setting(text) is
'The whole value of a setting of kind secret URL. Holds secrets.';
revoke execute on function plumb.secret_setting(text) from public;
