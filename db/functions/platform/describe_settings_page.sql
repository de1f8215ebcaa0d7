-- What the page of settings shows: every setting with its value and what it may be; those that
-- somebody changed first.
create or replace function plumb.describe_settings_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'settings', json_agg(
            json_build_object(
                'name', s.name,
                'value', coalesce(s.value, s.default_value),
                'isChanged', s.value is not null,
                'defaultValue', s.default_value,
                'unit', s.unit,
                'range', case
                    when s.choices is not null then replace(s.choices::text, ',', ', ')
                    when s.minimum is not null or s.maximum is not null
                        then concat_ws(' to ', trim_scale(s.minimum), trim_scale(s.maximum))
                end,
                'description', s.description,
                'updatedAt', case when s.value is not null then s.updated_at end
            )
            order by s.value is null, s.name
        )
    )
    from plumb.settings as s
$$;
comment on function plumb.describe_settings_page() is
'Every setting with value, default, unit and range, changed ones first, as JSON.';
grant execute on function plumb.describe_settings_page() to plumb_reader;
