select plumb.declare_job(
    'dispatch',
    'plumb.dispatch()',
    'dispatch_interval_ms',
    120,
    'Delivers alerts.',
    true
);
