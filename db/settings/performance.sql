-- Settings of the performance engine: from which value a check warns or is critical.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('check_connections_warning', '75', '%', 'From here on connections is a warning.'),
    ('check_connections_critical', '90', '%', 'From here on connections is critical.'),
    ('check_long_transactions_warning', '300', 's', 'From here on long_transactions is a warning.'),
    (
        'check_long_transactions_critical', '3600', 's',
        'From here on long_transactions is critical.'
    ),
    (
        'check_idle_in_transaction_warning', '300', 's',
        'From here on idle_in_transaction is a warning.'
    ),
    (
        'check_idle_in_transaction_critical', '900', 's',
        'From here on idle_in_transaction is critical.'
    ),
    ('check_lock_waits_warning', '10', 's', 'From here on lock_waits is a warning.'),
    ('check_lock_waits_critical', '60', 's', 'From here on lock_waits is critical.'),
    ('check_cache_misses_warning', '5', '%', 'From here on cache_misses is a warning.'),
    ('check_cache_misses_critical', '20', '%', 'From here on cache_misses is critical.'),
    ('check_replication_lag_warning', '30', 's', 'From here on replication_lag is a warning.'),
    ('check_replication_lag_critical', '300', 's', 'From here on replication_lag is critical.'),
    (
        'check_replication_slots_warning', '1024', 'MB',
        'From here on replication_slots is a warning.'
    ),
    (
        'check_replication_slots_critical', '10240', 'MB',
        'From here on replication_slots is critical.'
    ),
    (
        'check_transaction_id_age_warning', '25', '%',
        'From here on transaction_id_age is a warning.'
    ),
    (
        'check_transaction_id_age_critical', '75', '%',
        'From here on transaction_id_age is critical.'
    ),
    ('check_multixact_age_warning', '25', '%', 'From here on multixact_age is a warning.'),
    ('check_multixact_age_critical', '75', '%', 'From here on multixact_age is critical.'),
    ('check_sequences_warning', '75', '%', 'From here on sequences is a warning.'),
    ('check_sequences_critical', '90', '%', 'From here on sequences is critical.'),
    ('check_wal_archiving_warning', '60', 's', 'From here on wal_archiving is a warning.'),
    ('check_wal_archiving_critical', '900', 's', 'From here on wal_archiving is critical.'),
    (
        'check_checksum_failures_warning', '1', 'pages',
        'From here on checksum_failures is a warning.'
    ),
    (
        'check_checksum_failures_critical', '1', 'pages',
        'From here on checksum_failures is critical.'
    ),
    ('check_invalid_indexes_warning', '1', 'indexes', 'From here on invalid_indexes is a warning.'),
    (
        'check_invalid_indexes_critical', '10', 'indexes',
        'From here on invalid_indexes is critical.'
    ),
    (
        'check_duplicate_indexes_warning', '1', 'indexes',
        'From here on duplicate_indexes is a warning.'
    ),
    (
        'check_duplicate_indexes_critical', '20', 'indexes',
        'From here on duplicate_indexes is critical.'
    ),
    ('check_unused_indexes_warning', '100', 'MB', 'From here on unused_indexes is a warning.'),
    ('check_unused_indexes_critical', '10240', 'MB', 'From here on unused_indexes is critical.'),
    (
        'check_invalid_constraints_warning', '1', 'constraints',
        'From here on invalid_constraints is a warning.'
    ),
    (
        'check_invalid_constraints_critical', '100', 'constraints',
        'From here on invalid_constraints is critical.'
    ),
    (
        'check_disabled_triggers_warning', '1', 'triggers',
        'From here on disabled_triggers is a warning.'
    ),
    (
        'check_disabled_triggers_critical', '1', 'triggers',
        'From here on disabled_triggers is critical.'
    ),
    ('check_bloat_warning', '30', '%', 'From here on bloat is a warning.'),
    ('check_bloat_critical', '60', '%', 'From here on bloat is critical.'),
    (
        'check_autovacuum_lag_warning', '2', '× threshold',
        'From here on autovacuum_lag is a warning.'
    ),
    (
        'check_autovacuum_lag_critical', '10', '× threshold',
        'From here on autovacuum_lag is critical.'
    ),
    ('check_scheduler_warning', '1', 'jobs', 'From here on scheduler is a warning.'),
    ('check_scheduler_critical', '3', 'jobs', 'From here on scheduler is critical.'),
    ('check_memory_warning', '5', '%/h', 'From here on memory is a warning.'),
    ('check_memory_critical', '20', '%/h', 'From here on memory is critical.'),
    ('memory_trend_hours', '6', 'h', 'How far back the memory trend looks.'),
    ('memory_samples_min', '12', 'samples', 'Fewer memory samples are no verdict.'),
    ('slow_statement_ms', '100', 'ms', 'Mean time below which no statement is called slow.'),
    ('regression_factor', '2', '×', 'How many times its usual time is a regression.'),
    ('regression_requests_min', '50', 'requests', 'Fewer requests prove no regression.'),
    ('regression_latency_ms_min', '50', 'ms', 'A p95 below it is never a regression.'),
    ('baseline_samples_min', '5', 'samples', 'Fewer samples make no baseline.'),
    ('statement_rows_max', '50', 'rows', 'How many statements each sample keeps.')
) as s (name, default_value, unit, description);

insert into plumb.database_check_priorities (check_name, priority)
values
('disabled_triggers', 'P1'),
('checksum_failures', 'P1'),
('transaction_id_age', 'P1'),
('multixact_age', 'P1'),
('connections', 'P2'),
('wal_archiving', 'P2'),
('replication_slots', 'P2'),
('sequences', 'P2'),
('scheduler', 'P2')
on conflict (check_name) do nothing;
