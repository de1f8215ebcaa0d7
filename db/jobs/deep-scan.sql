select plumb.declare_job(
    'deep-scan',
    'plumb.run_deep_scan()',
    'deep_scan_interval_ms',
    3600,
    'Reads every invariant in full.'
);
