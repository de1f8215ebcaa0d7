-- Settings of the incident lifecycle.
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
        'incident_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often the age of incidents is checked.'
    ),
    (
        'escalate_attempts', '3', '', 'integer', 1, 1000, null,
        'Attempts to heal after which an incident pages.'
    ),
    (
        'escalate_age_seconds', '900', 's', 'integer', 1, 604800, null,
        'Age from which an open incident pages.'
    ),
    (
        'escalate_flaps', '3', '', 'integer', 1, 1000, null,
        'How often a problem may come back before it pages.'
    ),
    (
        'flap_window_seconds', '900', 's', 'integer', 0, 604800, null,
        'Time within which a problem that returns reopens its incident.'
    ),
    (
        'snapshot_rows_max', '100', 'rows', 'integer', 1, 10000, null,
        'Most rows of each kind in a forensic snapshot.'
    ),
    (
        'earlier_snapshots_max', '5', '', 'integer', 0, 100, null,
        'Most snapshots that an incident keeps from before it reopened.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
