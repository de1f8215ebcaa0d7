-- Returns what the page of settings shows: every setting, or one, with its value and the values
-- that it may have; changed ones first.
create or replace function plumb.describe_settings_page(p_name text default null)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'settings', coalesce(json_agg(
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
                'updatedAt', case when s.value is not null then s.updated_at end,
                -- The name that was given; without one the role of the session.
                'changedBy', coalesce(
                    s.changed_by, case when s.value is not null then s.recorded_by end
                ),
                'reason', s.reason
            )
            order by s.value is null, s.name
        ), '[]')
    )
    from plumb.settings as s
    where p_name is null or s.name = p_name
$$;
comment on function plumb.describe_settings_page(text) is
'Every setting, or one, with value, default, unit, range, and who changed it why, changed ones
first, as JSON.';
grant execute on function plumb.describe_settings_page(text) to plumb_reader;
