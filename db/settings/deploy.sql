-- Thresholds of the deployment gates, and when a deployment is rolled back.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('gate_drift_score_min', '85', 'points', 'Least drift score that may be deployed.'),
    ('gate_coverage_percent_min', '85', '%', 'Least line coverage of the tests.'),
    ('gate_backup_age_hours_max', '24', 'h', 'The last valid backup is younger.'),
    ('gate_error_percent_max', '3', '%', 'Most requests that may fail now.'),
    ('deploy_error_percent_max', '3', '%', 'More failing requests roll back.'),
    ('deploy_p95_ratio_max', '2', '', 'A p95 above this many baselines rolls back.'),
    ('deploy_sustained_seconds', '60', 's', 'How long a breach must last.'),
    ('deploy_samples_min', '4', '', 'Fewer samples judge nothing.'),
    ('deploy_gap_seconds_max', '20', 's', 'Samples farther apart are not one observation.'),
    ('deploy_requests_min', '10', '', 'A sample of fewer requests measures nothing.'),
    ('deploy_window_seconds', '30', 's', 'How far back a sample of the database looks.'),
    ('deploy_baseline_seconds', '3600', 's', 'From how far back the baseline is taken.'),
    ('deploy_drift_fall_max', '0', 'points', 'How far the drift score may fall after a deploy.'),
    ('deploy_sample_seconds', '5', 's', 'How often the CLI takes a sample.'),
    ('deploy_watch_seconds', '600', 's', 'How long a deployment is watched.'),
    ('deploy_watch_seconds_max', '86400', 's', 'The longest watch that is accepted.'),
    ('deploy_command_seconds_max', '3600', 's', 'When a deploy or rollback command is ended.'),
    ('deploy_silence_seconds_max', '60', 's', 'A deployment silent for longer lost its process.'),
    ('deploy_watch_interval_ms', '60000', 'ms', 'How often lost deployments are looked for.'),
    ('deploy_incident_priority', 'P2', '', 'Priority of a deployment''s incident.'),
    ('deploy_retention_days', '365', 'days', 'How long deployments and gates are kept.')
) as s (name, default_value, unit, description);
