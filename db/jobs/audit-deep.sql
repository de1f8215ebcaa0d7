select plumb.declare_job(
    'audit-deep',
    'plumb.run_audit_check(true)',
    'deep_scan_interval_ms',
    3600,
    'Verifies the whole audit log, reconciles every table.'
);
