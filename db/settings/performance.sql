-- Settings of the performance engine, and its checks of the server.
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
        'memory_trend_hours', '6', 'h', 'integer', 1, 720, null,
        'How far back the memory trend looks.'
    ),
    (
        'memory_samples_min', '12', 'samples', 'integer', 2, 10000, null,
        'Fewest samples by which memory is judged.'
    ),
    (
        'slow_statement_ms', '100', 'ms', 'number', 0, 3600000, null,
        'Mean time below which no statement is called slow.'
    ),
    (
        'regression_factor', '2', '×', 'number', 1, 1000, null,
        'Multiple of the usual time that counts as a regression.'
    ),
    (
        'regression_requests_min', '50', 'requests', 'integer', 1, 1000000, null,
        'Fewest requests by which a regression is judged.'
    ),
    (
        'regression_latency_ms_min', '50', 'ms', 'number', 0, 3600000, null,
        'p95 below which nothing counts as a regression.'
    ),
    (
        'baseline_samples_min', '5', 'samples', 'integer', 1, 100000, null,
        'Fewest samples that make a baseline.'
    ),
    (
        'statement_rows_max', '50', 'rows', 'integer', 1, 5000, null,
        'How many statements each sample keeps.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);

-- A check is the function plumb.check_<name>() and a row here: the priority of the incident that it
-- opens, the values from which it warns and is critical, their unit and range.
select
    plumb.declare_check(
        c.name, c.priority, c.warning, c.critical, c.unit, c.minimum::numeric, c.maximum::numeric
    )
from (
    values
    ('audit_actors', 'P1', '1', '1', 'tables', 0, 100),
    ('audit_capture_lag', 'P2', '120', '900', 's', 0, 604800),
    ('audit_identity', 'P1', '1', '1', 'tables', 0, 100),
    ('audit_publication', 'P1', '1', '1', 'tables', 0, 100),
    ('audit_slot', 'P1', '1', '1', 'slots', 0, 100),
    ('audit_slot_holder', 'P3', '600', '3600', 's', 0, 604800),
    ('audit_slot_space', 'P2', '50', '80', '%', 0, 1000),
    ('autovacuum_lag', 'P3', '2', '10', '× threshold', 0, 1000),
    ('bloat', 'P3', '30', '60', '%', 0, 100),
    ('cache_misses', 'P3', '5', '20', '%', 0, 100),
    ('checksum_failures', 'P1', '1', '1', 'pages', 0, 100),
    ('connections', 'P2', '75', '90', '%', 0, 100),
    ('disabled_triggers', 'P1', '1', '1', 'triggers', 0, 100),
    ('duplicate_indexes', 'P3', '1', '20', 'indexes', 0, 10000),
    ('free_space', 'P2', '85', '95', '%', 0, 100),
    ('held_locks', 'P2', '60', '300', 's', 0, 604800),
    ('idle_in_transaction', 'P3', '300', '900', 's', 0, 604800),
    ('invalid_constraints', 'P3', '1', '100', 'constraints', 0, 10000),
    ('invalid_indexes', 'P3', '1', '10', 'indexes', 0, 10000),
    ('lock_waits', 'P3', '10', '60', 's', 0, 604800),
    ('long_transactions', 'P3', '300', '3600', 's', 0, 604800),
    ('memory', 'P3', '5', '20', '%/h', 0, 1000),
    ('multixact_age', 'P1', '25', '75', '%', 0, 100),
    ('owner_members', 'P1', '1', '1', 'members', 1, 100),
    ('prepared_transactions', 'P2', '300', '3600', 's', 0, 604800),
    ('replication_lag', 'P3', '30', '300', 's', 0, 604800),
    ('replication_slots', 'P2', '1024', '10240', 'MB', 0, 1000000000),
    ('scheduler', 'P2', '1', '3', 'jobs', 0, 100),
    ('sequences', 'P2', '75', '90', '%', 0, 100),
    ('transaction_id_age', 'P1', '25', '75', '%', 0, 100),
    ('unused_indexes', 'P3', '100', '10240', 'MB', 0, 1000000000),
    ('wal_archiving', 'P2', '60', '900', 's', 0, 604800),
    ('worker_settings', 'P2', '1', '100', 'settings', 1, 100)
) as c (name, priority, warning, critical, unit, minimum, maximum);
