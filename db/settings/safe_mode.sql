-- When grade F engages safe mode, what it guards, and how wrong override tokens are slowed down.
-- A row: name, default, unit, kind, minimum, maximum, choices; then what it means.
select
    plumb.declare_setting(
        s.name,
        s.default_value,
        s.unit,
        s.description,
        s.kind,
        s.minimum::numeric,
        s.maximum::numeric,
        s.choices
    )
from (
    values
    (
        'safe_mode_auto_enabled', 'true', '', 'boolean', null, null, null,
        'Whether grade F engages safe mode.'
    ),
    (
        'safe_mode_unknown_counts', 'true', '', 'boolean', null, null, null,
        'Whether points lost for missing measurements can engage safe mode.'
    ),
    (
        'safe_mode_hold_seconds', '1800', 's', 'integer', 0, 86400, null,
        'After a person ended safe mode, grade F does not engage it again for this long.'
    ),
    (
        'override_lock_seconds', '2', 's', 'integer', 1, 3600, null,
        'Wait after the first wrong token; doubles each time.'
    ),
    (
        'override_lock_seconds_max', '900', 's', 'integer', 1, 86400, null,
        'Longest wait after wrong tokens.'
    ),
    (
        'safe_mode_open_actions', '', '', 'list', null, null, 'acknowledge,comment,silence',
        'Actions on incidents that the HTTP service accepts in safe mode; none when empty.'
    ),
    (
        'guarded_schemas', coalesce(plumb.demo_schema(), ''), '', 'schemas', null, null, null,
        'Comma-separated schemas whose tables, new ones included, are guarded.'
    ),
    (
        'left_out_tables',
        'session, login_attempt, access_attempt, cache, queue, analytic, page_view, pageview',
        '', 'words', null, null, null,
        'Beginnings of names of tables that stay writable in safe mode in a guarded schema.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
