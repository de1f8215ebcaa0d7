-- Where seal hashes are kept outside the database.
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
        'audit_anchor_dir', '', 'path', 'path', null, null, null,
        'Directory in which seal hashes are appended to a file; empty: none.'
    ),
    (
        'audit_anchor_url', '', 'URL', 'secret URL', null, null, null,
        'URL to which seal hashes are posted; empty: none.'
    ),
    (
        'audit_anchor_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often the newest seal is anchored.'
    ),
    (
        'audit_anchor_seconds_max', '10', 's', 'integer', 1, 50, null,
        'How long the anchor URL, or a standby, may take.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
