-- Declares a setting. A default may change with a release; an operator's value stays, unless it no
-- longer fits: see plumb.reset_unfit_settings(). The kind of value is that of the default, where
-- the declaration does not say.
create or replace function plumb.declare_setting(
    p_name text,
    p_default_value text,
    p_unit text,
    p_description text,
    p_kind text default null,
    p_minimum numeric default null,
    p_maximum numeric default null,
    p_choices text default null
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    insert into plumb.settings (
        name, default_value, unit, description, kind, minimum, maximum, choices
    )
    values (
        p_name,
        p_default_value,
        p_unit,
        p_description,
        coalesce(p_kind, case
            when p_default_value in ('true', 'false') then 'boolean'
            when p_default_value ~ '^-?[0-9]+$' then 'integer'
            when p_default_value ~ '^-?[0-9]+\.[0-9]+$' then 'number'
            else 'text'
        end),
        p_minimum,
        p_maximum,
        string_to_array(p_choices, ',')
    )
    on conflict (name) do update
    set
        default_value = excluded.default_value,
        unit = excluded.unit,
        description = excluded.description,
        kind = excluded.kind,
        minimum = excluded.minimum,
        maximum = excluded.maximum,
        choices = excluded.choices
    where
        (
            settings.default_value,
            settings.unit,
            settings.description,
            settings.kind,
            settings.minimum,
            settings.maximum,
            settings.choices
        )
        is distinct from (
            excluded.default_value,
            excluded.unit,
            excluded.description,
            excluded.kind,
            excluded.minimum,
            excluded.maximum,
            excluded.choices
        )
$$;
comment on function plumb.declare_setting(
    text, text, text, text, text, numeric, numeric, text
) is
'List a setting with its default, unit, meaning, and the values that it takes.';
