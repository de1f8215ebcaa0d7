select plumb.declare_job(
    'perf',
    'plumb.run_perf()',
    'perf_interval_ms',
    240,
    'Samples, checks and judges performance.'
);
