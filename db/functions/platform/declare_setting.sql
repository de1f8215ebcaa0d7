-- A default may change with a release; an operator's value never does.
create or replace function plumb.declare_setting(
    p_name text, p_default_value text, p_unit text, p_description text
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.settings (name, default_value, unit, description)
    values (p_name, p_default_value, p_unit, p_description)
    on conflict (name) do update
    set
        default_value = excluded.default_value,
        unit = excluded.unit,
        description = excluded.description
    where
        (settings.default_value, settings.unit, settings.description)
        is distinct from (excluded.default_value, excluded.unit, excluded.description)
$$;
comment on function plumb.declare_setting(text, text, text, text) is
'List a setting with its default, unit and meaning.';
