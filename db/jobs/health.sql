select plumb.declare_job(
    'health',
    'plumb.run_health()',
    'health_interval_ms',
    60,
    'Scores health, engages safe mode at F.'
);
