select plumb.declare_job(
    'watchdog',
    'plumb.cancel_overdue_jobs()',
    'watchdog_interval_ms',
    50,
    'Cancels runs that take too long.'
);
