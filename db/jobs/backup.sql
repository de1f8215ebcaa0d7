select plumb.declare_job(
    'backup',
    'plumb.run_backup()',
    'backup_interval_ms',
    60,
    'Starts the daily backup and its drill.'
);
