-- Settings of the audit log, and where seal hashes are kept outside the database.
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
        'seal_interval_ms', '5000', 'ms', 'integer', 1000, 3600000, null,
        'How often the audit log is sealed.'
    ),
    (
        'audit_capture_interval_ms', '5000', 'ms', 'integer', 1000, 3600000, null,
        'How often the changes of captured tables are read from the WAL.'
    ),
    (
        'audit_slot_mb_max', '10240', 'MB', 'integer', 16, 100000000, null,
        'How much WAL may be kept for the audit log where max_slot_wal_keep_size sets no limit.'
    ),
    (
        'seal_heartbeat_seconds', '60', 's', 'integer', 0, 86400, null,
        'An empty seal is made when the last is this old.'
    ),
    (
        'audit_partition_seals', '50000', 'seals', 'integer', 2, 100000000, null,
        'How many seals'' transactions share a partition.'
    ),
    (
        'audit_retention_days', '0', 'days', 'integer', 0, 36500, null,
        'How long audit rows are kept; 0 keeps them forever.'
    ),
    (
        'audit_findings_max', '1000', 'rows', 'integer', 1, 1000000, null,
        'Most findings of one kind that a verification lists.'
    ),
    (
        'audit_lock_timeout_ms', '1000', 'ms', 'integer', 1, 60000, null,
        'How long verification waits for a lock on a table.'
    ),
    (
        'audit_reverify_hours', '1', 'h', 'number', 0.01, 720, null,
        'Hours in which ten million rows of the log are verified again.'
    ),
    (
        'audit_compare_rows_max', '100000', 'rows', 'integer', 0, 1000000000, null,
        'Most rows of a table that is compared row by row before a new baseline.'
    ),
    (
        'audit_baseline_rows_max', '1000000', 'rows', 'integer', 0, 1000000000, null,
        'Most rows of a table that are logged as its baseline; of more, a sum.'
    ),
    (
        'audit_reconcile_keys_max', '100000', 'keys', 'integer', 1, 100000000, null,
        'Most keys that one reconciliation compares.'
    ),
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
