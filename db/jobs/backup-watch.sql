select plumb.declare_job(
    'backup-watch',
    'plumb.watch_backups()',
    'backup_watch_interval_ms',
    900,
    'Judges the age of backups, checks pages and indexes.'
);
