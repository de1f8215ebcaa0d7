-- Thresholds of the deployment gates, and when a deployment is rolled back.
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
        'gate_drift_score_min', '85', 'points', 'number', 0, 100, null,
        'Lowest drift score that passes.'
    ),
    (
        'gate_coverage_percent_min', '85', '%', 'number', 0, 100, null,
        'Lowest line coverage of the tests that passes.'
    ),
    (
        'gate_backup_age_hours_max', '24', 'h', 'number', 0.1, 8760, null,
        'Age of the last valid backup from which the gate fails.'
    ),
    (
        'gate_error_percent_max', '3', '%', 'number', 0, 100, null,
        'Largest share of requests that may fail.'
    ),
    (
        'deploy_error_percent_max', '3', '%', 'number', 0, 100, null,
        'Share of failed requests above which a deployment is rolled back.'
    ),
    (
        'deploy_p95_ratio_max', '2', '', 'number', 1, 1000, null,
        'Multiple of the baseline p95 above which a deployment is rolled back.'
    ),
    (
        'deploy_sustained_seconds', '60', 's', 'number', 1, 86400, null,
        'How long a breach must last.'
    ),
    (
        'deploy_samples_min', '4', '', 'integer', 1, 10000, null,
        'Fewest samples by which a deployment is judged.'
    ),
    (
        'deploy_gap_seconds_max', '20', 's', 'number', 1, 3600, null,
        'Longest time between two samples of one observation.'
    ),
    (
        'deploy_requests_min', '10', '', 'integer', 1, 1000000, null,
        'Fewest requests that a sample must have to count.'
    ),
    (
        'deploy_window_seconds', '30', 's', 'number', 1, 3600, null,
        'How far back a sample of the database looks.'
    ),
    (
        'deploy_baseline_seconds', '3600', 's', 'integer', 60, 2592000, null,
        'From how far back the baseline is taken.'
    ),
    (
        'deploy_drift_fall_max', '0', 'points', 'number', 0, 100, null,
        'How far the drift score may fall after a deploy.'
    ),
    (
        'deploy_sample_seconds', '5', 's', 'number', 0.1, 3600, null,
        'How often the CLI takes a sample.'
    ),
    (
        'deploy_progress_seconds', '60', 's', 'number', 0.1, 3600, null,
        'How often ./plumb deploy says how the watch goes; pipelines end what is silent.'
    ),
    (
        'deploy_watch_seconds', '600', 's', 'integer', 1, 604800, null,
        'How long a deployment is watched.'
    ),
    (
        'deploy_watch_seconds_max', '86400', 's', 'integer', 1, 604800, null,
        'The longest watch that is accepted.'
    ),
    (
        'deploy_command_seconds_max', '3600', 's', 'integer', 1, 604800, null,
        'When a deploy or rollback command is ended.'
    ),
    (
        'deploy_silence_seconds_max', '60', 's', 'number', 1, 86400, null,
        'Time without a sign of its process after which a deployment counts as lost.'
    ),
    (
        'deploy_watch_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often lost deployments are searched for.'
    ),
    (
        'deploy_incident_priority', 'P2', '', 'choice', null, null, 'P1,P2,P3,P4',
        'Priority of a deployment''s incident.'
    ),
    (
        'deploy_retention_days', '365', 'days', 'integer', 1, 36500, null,
        'How long deployments and gates are kept.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
