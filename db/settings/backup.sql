-- Settings of backups, of the drills that prove them and of the checks of the live database.
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
        'backup_watch_interval_ms', '3600000', 'ms', 'integer', 1000, 86400000, null,
        'How often age, pages and indexes are judged.'
    ),
    (
        'backup_age_seconds_max', '93600', 's', 'integer', 60, 31536000, null,
        'Age of the newest valid backup from which an incident opens.'
    ),
    (
        'backup_incident_priority', 'P2', '', 'choice', null, null, 'P1,P2,P3,P4',
        'Priority of incidents about backups.'
    ),
    (
        'backup_required_tiers',
        'checksum,restored,row_counts,invariants',
        '',
        'list of at least one',
        null, null,
        'checksum,decrypted,restored,amcheck,row_counts,invariants,audit,drift',
        'Tiers that one of our backups must pass to be valid.'
    ),
    (
        'backup_required_tiers_external', 'checksum', '', 'list of at least one',
        null, null,
        'checksum,decrypted,restored,amcheck,row_counts,invariants,audit,drift',
        'Tiers that another tool''s backup must have passed to be valid.'
    ),
    (
        'backup_keep_count', '7', '', 'integer', 1, 10000, null,
        'How many of the newest backups are kept.'
    ),
    (
        'backup_keep_weeks', '4', 'weeks', 'integer', 0, 1040, null,
        'For how long the newest backup of each week is kept.'
    ),
    (
        'backup_free_bytes_min', '268435456', 'bytes', 'integer', 0, 1000000000000000000, null,
        'What a backup must leave free on its disk.'
    ),
    (
        'backup_compress_level', '5', '', 'integer', 0, 9, null,
        'pg_dump''s compression, 0 (none) to 9.'
    ),
    (
        'amcheck_enabled', 'true', '', 'boolean', null, null, null,
        'Whether indexes of the live database are checked.'
    ),
    (
        'amcheck_bytes_max', '268435456', 'bytes', 'integer', 8192, 1000000000000000000, null,
        'Most bytes of indexes that one pass reads.'
    ),
    (
        'amcheck_indexes_max', '100', '', 'integer', 1, 1000000, null,
        'Most indexes that one pass reads.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
