-- Settings of the performance engine: from which value a check warns or is critical.
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
        'check_connections_warning', '75', '%', 'number', 0, 100, null,
        'From here on connections is a warning.'
    ),
    (
        'check_connections_critical', '90', '%', 'number', 0, 100, null,
        'From here on connections is critical.'
    ),
    (
        'check_long_transactions_warning', '300', 's', 'number', 0, 604800, null,
        'From here on long_transactions is a warning.'
    ),
    (
        'check_long_transactions_critical', '3600', 's', 'number', 0, 604800, null,
        'From here on long_transactions is critical.'
    ),
    (
        'check_idle_in_transaction_warning', '300', 's', 'number', 0, 604800, null,
        'From here on idle_in_transaction is a warning.'
    ),
    (
        'check_idle_in_transaction_critical', '900', 's', 'number', 0, 604800, null,
        'From here on idle_in_transaction is critical.'
    ),
    (
        'check_lock_waits_warning', '10', 's', 'number', 0, 604800, null,
        'From here on lock_waits is a warning.'
    ),
    (
        'check_lock_waits_critical', '60', 's', 'number', 0, 604800, null,
        'From here on lock_waits is critical.'
    ),
    (
        'check_cache_misses_warning', '5', '%', 'number', 0, 100, null,
        'From here on cache_misses is a warning.'
    ),
    (
        'check_cache_misses_critical', '20', '%', 'number', 0, 100, null,
        'From here on cache_misses is critical.'
    ),
    (
        'check_replication_lag_warning', '30', 's', 'number', 0, 604800, null,
        'From here on replication_lag is a warning.'
    ),
    (
        'check_replication_lag_critical', '300', 's', 'number', 0, 604800, null,
        'From here on replication_lag is critical.'
    ),
    (
        'check_replication_slots_warning', '1024', 'MB', 'number', 0, 1000000000, null,
        'From here on replication_slots is a warning.'
    ),
    (
        'check_replication_slots_critical', '10240', 'MB', 'number', 0, 1000000000, null,
        'From here on replication_slots is critical.'
    ),
    (
        'check_transaction_id_age_warning', '25', '%', 'number', 0, 100, null,
        'From here on transaction_id_age is a warning.'
    ),
    (
        'check_transaction_id_age_critical', '75', '%', 'number', 0, 100, null,
        'From here on transaction_id_age is critical.'
    ),
    (
        'check_multixact_age_warning', '25', '%', 'number', 0, 100, null,
        'From here on multixact_age is a warning.'
    ),
    (
        'check_multixact_age_critical', '75', '%', 'number', 0, 100, null,
        'From here on multixact_age is critical.'
    ),
    (
        'check_sequences_warning', '75', '%', 'number', 0, 100, null,
        'From here on sequences is a warning.'
    ),
    (
        'check_sequences_critical', '90', '%', 'number', 0, 100, null,
        'From here on sequences is critical.'
    ),
    (
        'check_wal_archiving_warning', '60', 's', 'number', 0, 604800, null,
        'From here on wal_archiving is a warning.'
    ),
    (
        'check_wal_archiving_critical', '900', 's', 'number', 0, 604800, null,
        'From here on wal_archiving is critical.'
    ),
    (
        'check_checksum_failures_warning', '1', 'pages', 'number', 0, 100, null,
        'From here on checksum_failures is a warning.'
    ),
    (
        'check_checksum_failures_critical', '1', 'pages', 'number', 0, 100, null,
        'From here on checksum_failures is critical.'
    ),
    (
        'check_invalid_indexes_warning', '1', 'indexes', 'number', 0, 10000, null,
        'From here on invalid_indexes is a warning.'
    ),
    (
        'check_invalid_indexes_critical', '10', 'indexes', 'number', 0, 10000, null,
        'From here on invalid_indexes is critical.'
    ),
    (
        'check_duplicate_indexes_warning', '1', 'indexes', 'number', 0, 10000, null,
        'From here on duplicate_indexes is a warning.'
    ),
    (
        'check_duplicate_indexes_critical', '20', 'indexes', 'number', 0, 10000, null,
        'From here on duplicate_indexes is critical.'
    ),
    (
        'check_unused_indexes_warning', '100', 'MB', 'number', 0, 1000000000, null,
        'From here on unused_indexes is a warning.'
    ),
    (
        'check_unused_indexes_critical', '10240', 'MB', 'number', 0, 1000000000, null,
        'From here on unused_indexes is critical.'
    ),
    (
        'check_invalid_constraints_warning', '1', 'constraints', 'number', 0, 10000, null,
        'From here on invalid_constraints is a warning.'
    ),
    (
        'check_invalid_constraints_critical', '100', 'constraints', 'number', 0, 10000, null,
        'From here on invalid_constraints is critical.'
    ),
    (
        'check_disabled_triggers_warning', '1', 'triggers', 'number', 0, 100, null,
        'From here on disabled_triggers is a warning.'
    ),
    (
        'check_disabled_triggers_critical', '1', 'triggers', 'number', 0, 100, null,
        'From here on disabled_triggers is critical.'
    ),
    ('check_bloat_warning', '30', '%', 'number', 0, 100, null, 'From here on bloat is a warning.'),
    ('check_bloat_critical', '60', '%', 'number', 0, 100, null, 'From here on bloat is critical.'),
    (
        'check_autovacuum_lag_warning', '2', '× threshold', 'number', 0, 1000, null,
        'From here on autovacuum_lag is a warning.'
    ),
    (
        'check_autovacuum_lag_critical', '10', '× threshold', 'number', 0, 1000, null,
        'From here on autovacuum_lag is critical.'
    ),
    (
        'check_scheduler_warning', '1', 'jobs', 'number', 0, 100, null,
        'From here on scheduler is a warning.'
    ),
    (
        'check_scheduler_critical', '3', 'jobs', 'number', 0, 100, null,
        'From here on scheduler is critical.'
    ),
    (
        'check_memory_warning', '5', '%/h', 'number', 0, 1000, null,
        'From here on memory is a warning.'
    ),
    (
        'check_memory_critical', '20', '%/h', 'number', 0, 1000, null,
        'From here on memory is critical.'
    ),
    (
        'check_worker_settings_warning', '1', 'settings', 'number', 1, 100, null,
        'From here on worker_settings is a warning.'
    ),
    (
        'check_worker_settings_critical', '100', 'settings', 'number', 1, 100, null,
        'From here on worker_settings is critical.'
    ),
    (
        'check_free_space_warning', '85', '%', 'number', 0, 100, null,
        'From here on free_space is a warning.'
    ),
    (
        'check_free_space_critical', '95', '%', 'number', 0, 100, null,
        'From here on free_space is critical.'
    ),
    (
        'memory_trend_hours', '6', 'h', 'integer', 1, 720, null,
        'How far back the memory trend looks.'
    ),
    (
        'memory_samples_min', '12', 'samples', 'integer', 2, 10000, null,
        'Fewer memory samples are no verdict.'
    ),
    (
        'slow_statement_ms', '100', 'ms', 'number', 0, 3600000, null,
        'Mean time below which no statement is called slow.'
    ),
    (
        'regression_factor', '2', '×', 'number', 1, 1000, null,
        'How many times its usual time is a regression.'
    ),
    (
        'regression_requests_min', '50', 'requests', 'integer', 1, 1000000, null,
        'Fewer requests prove no regression.'
    ),
    (
        'regression_latency_ms_min', '50', 'ms', 'number', 0, 3600000, null,
        'A p95 below it is never a regression.'
    ),
    (
        'baseline_samples_min', '5', 'samples', 'integer', 1, 100000, null,
        'Fewer samples make no baseline.'
    ),
    (
        'statement_rows_max', '50', 'rows', 'integer', 1, 5000, null,
        'How many statements each sample keeps.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);

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
('scheduler', 'P2'),
('free_space', 'P2'),
('worker_settings', 'P2')
on conflict (check_name) do nothing;
