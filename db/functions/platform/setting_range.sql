-- Returns the range of a number in words, for messages.
create or replace function plumb.setting_range(p_setting plumb.settings)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_setting.minimum is not null and p_setting.maximum is not null
            then format(' from %s to %s', p_setting.minimum, p_setting.maximum)
        when p_setting.minimum is not null then format(' of at least %s', p_setting.minimum)
        when p_setting.maximum is not null then format(' of at most %s', p_setting.maximum)
        else ''
    end
$$;
comment on function plumb.setting_range(plumb.settings) is
'The range of a numeric setting in words, with a blank in front; empty when it has none.';
