select plumb.declare_job(
    'security',
    'plumb.run_security_scan()',
    'security_interval_ms',
    120,
    'Judges attacks and privileges, ends blocks.'
);
