-- Settings of the audit log.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('seal_interval_ms', '5000', 'ms', 'How often the audit log is sealed.'),
    ('seal_heartbeat_seconds', '60', 's', 'An empty seal is made when the last is this old.'),
    ('audit_partition_seals', '50000', 'seals', 'How many seals'' transactions share a partition.'),
    ('audit_retention_days', '0', 'days', 'How long audit rows are kept; 0 keeps them forever.'),
    ('audit_findings_max', '1000', 'rows', 'Most findings of one kind that a verification lists.'),
    ('audit_lock_timeout_ms', '1000', 'ms', 'How long verification waits for a lock on a table.'),
    (
        'audit_reverify_hours', '1', 'h',
        'In which time each ten million rows of the log are verified again.'
    ),
    ('audit_baseline_rows_max', '1000000', 'rows', 'Larger tables enter the log as a sum.'),
    ('audit_reconcile_keys_max', '100000', 'keys', 'Most keys that one reconciliation compares.')
) as s (name, default_value, unit, description);
