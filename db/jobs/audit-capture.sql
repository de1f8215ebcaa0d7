select plumb.declare_job(
    'audit-capture',
    'plumb.run_capture()',
    'audit_capture_interval_ms',
    3600,
    'Reads the changes of captured tables from the write-ahead log.',
    true
);
