-- Returns the mode as JSON for the HTTP service.
create or replace function plumb.describe_system_mode()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'mode', m.mode,
        'safeMode', m.mode = 'safe',
        'reason', case when m.mode = 'safe' then m.reason end,
        'enabledBy', case when m.mode = 'safe' then m.enabled_by end,
        'enabledAt', case when m.mode = 'safe' then m.enabled_at end,
        'automatic', m.mode = 'safe' and m.is_automatic,
        'disabledBy', m.disabled_by,
        'disabledAt', m.disabled_at
    )
    from plumb.system_mode as m
    where m.id = 1
$$;
comment on function plumb.describe_system_mode() is 'The mode as JSON with camelCase names.';
grant execute on function plumb.describe_system_mode() to plumb_reader;
