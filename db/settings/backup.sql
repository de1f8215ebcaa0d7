-- Settings of backups, of the drills that prove them and of the checks of the live database.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('backup_watch_interval_ms', '3600000', 'ms', 'How often age, pages and indexes are judged.'),
    ('backup_age_seconds_max', '93600', 's', 'Age of the last valid backup that is a trouble.'),
    ('backup_incident_priority', 'P2', '', 'Priority of incidents about backups.'),
    (
        'backup_required_tiers', 'checksum,restored,row_counts,invariants', '',
        'Tiers that one of our backups must pass to be valid.'
    ),
    (
        'backup_required_tiers_external', 'checksum', '',
        'Tiers that another tool''s backup must have passed to be valid.'
    ),
    ('backup_keep_count', '7', '', 'How many of the newest backups are kept.'),
    ('backup_keep_weeks', '4', 'weeks', 'For how long the newest backup of each week is kept.'),
    ('backup_free_bytes_min', '268435456', 'bytes', 'What a backup must leave free on its disk.'),
    ('backup_compress_level', '5', '', 'pg_dump''s compression, 0 (none) to 9.'),
    ('amcheck_enabled', 'true', '', 'Whether indexes of the live database are checked.'),
    ('amcheck_bytes_max', '268435456', 'bytes', 'Most bytes of indexes that one pass reads.'),
    ('amcheck_indexes_max', '100', '', 'Most indexes that one pass reads.')
) as s (name, default_value, unit, description);
