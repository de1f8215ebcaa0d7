-- Settings of the platform: how often the workers run and how long history is kept.
-- A row: name, default, unit, kind, minimum, maximum, choices; then what it means.
select
    plumb.declare_setting(
        s.name,
        s.default_value,
        s.unit,
        s.description,
        s.kind,
        s.minimum::numeric,
        s.maximum::numeric,
        s.choices
    )
from (
    values
    (
        'invariant_interval_ms', '300000', 'ms', 'integer', 1000, 86400000, null,
        'How often changes are checked.'
    ),
    (
        'deep_scan_interval_ms', '86400000', 'ms', 'integer', 1000, 86400000, null,
        'How often every invariant is read in full.'
    ),
    (
        'perf_interval_ms', '600000', 'ms', 'integer', 1000, 86400000, null,
        'How often performance is judged.'
    ),
    (
        'security_interval_ms', '900000', 'ms', 'integer', 1000, 86400000, null,
        'How often security is judged.'
    ),
    (
        'health_interval_ms', '300000', 'ms', 'integer', 1000, 86400000, null,
        'How often health is scored.'
    ),
    (
        'backup_interval_ms', '86400000', 'ms', 'integer', 1000, 86400000, null,
        'How often a backup is made.'
    ),
    (
        'exec_report_interval_ms', '86400000', 'ms', 'integer', 1000, 86400000, null,
        'How often a report is written.'
    ),
    (
        'idempotency_interval_ms', '3600000', 'ms', 'integer', 1000, 86400000, null,
        'How often expired idempotency keys are pruned.'
    ),
    (
        'prune_interval_ms', '3600000', 'ms', 'integer', 1000, 86400000, null,
        'How often old history is pruned.'
    ),
    (
        'watchdog_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often overdue jobs are looked for.'
    ),
    ('job_retention_days', '14', 'days', 'integer', 1, 3650, null, 'How long job runs are kept.'),
    (
        'job_successes_max', '1000', 'rows', 'integer', 0, 1000000, null,
        'Most successful runs kept of one job: an hour and more of one that runs every 5 s.'
    ),
    (
        'job_failures_max', '5000', 'rows', 'integer', 1, 1000000, null,
        'Most failed runs kept of one job: the first of them should be findable for hours.'
    ),
    (
        'history_retention_days', '90', 'days', 'integer', 1, 36500, null,
        'How long scores, checks and events are kept.'
    ),
    (
        'perf_retention_days', '30', 'days', 'integer', 1, 3650, null,
        'How long request latencies are kept.'
    ),
    (
        'prune_rows_max', '50000', 'rows', 'integer', 1, 100000000, null,
        'Most rows that one pruning takes from one table.'
    ),
    (
        'cron_history_rows_max', '5000', 'rows', 'integer', 0, 10000000, null,
        'How many of pg_cron''s own run rows are kept.'
    ),
    (
        'expected_schema_revision', '', '', 'text', null, null, null,
        'The schema revision that the running code was built for.'
    ),
    (
        'catalog_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often the catalog is compared, where no event trigger watches it.'
    ),
    (
        'cron_database', '', '', 'text', null, null, null,
        'The database whose pg_cron starts the jobs, where that is another one; migrate sets it.'
    ),
    (
        'lock_hold_seconds_max', '3600', 's', 'integer', 60, 86400, null,
        'How long a statement of a person may keep a lock that a job waits for.'
    ),
    (
        'claim_hold_seconds_max', '86400', 's', 'integer', 3600, 2592000, null,
        'How long a session may keep other backups or deployments out before it is ended.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
