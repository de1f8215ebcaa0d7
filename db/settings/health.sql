-- Weights, bands and grades of the health score.
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
        'traffic_window_seconds', '300', 's', 'integer', 10, 86400, null,
        'How far back latency and error rate look.'
    ),
    (
        'traffic_requests_min', '50', 'requests', 'integer', 1, 1000000, null,
        'Fewer requests are judged as if they were this many: one failure among few is no outage.'
    ),
    (
        'incident_points_p1', '10', 'points', 'number', 0, 20, null,
        'Points that an open P1 subtracts from health.'
    ),
    (
        'incident_points_p2', '5', 'points', 'number', 0, 20, null,
        'Points that an open P2 subtracts from health.'
    ),
    (
        'incident_points_p3', '2', 'points', 'number', 0, 20, null,
        'Points that an open P3 subtracts from health.'
    ),
    (
        'incident_points_p4', '0', 'points', 'number', 0, 20, null,
        'Points that an open P4 subtracts from health.'
    ),
    (
        'health_cap_enabled', 'true', '', 'boolean', null, null, null,
        'Whether lost integrity caps the score at F.'
    ),
    (
        'health_cap_drift_below', '50', 'points', 'number', 0, 100, null,
        'Drift score below which the cap applies.'
    ),
    (
        'health_cap_score', '39', 'points', 'number', 0, 100, null,
        'Score at which the cap limits health.'
    ),
    (
        'health_no_writes_score', '40', 'points', 'number', 0, 59, null,
        'Highest score while the server takes no writes; 39 and less engages safe mode.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);

insert into plumb.health_components (component, max_points, position, measured_by, description)
values
('integrity', 30, 1, 'plumb.measure_integrity', 'drift score / 100 × 30'),
('error_rate', 20, 2, 'plumb.measure_error_rate', 'share of failed requests, in percent'),
('latency', 15, 3, 'plumb.measure_latency', 'p95 of requests, in milliseconds'),
('incidents', 20, 4, 'plumb.measure_incidents', '−10 a P1, −5 a P2, −2 a P3'),
('backup', 10, 5, 'plumb.measure_backup', 'age of the last valid backup, in hours'),
('migrations', 5, 6, 'plumb.measure_migrations', 'all applied = 5')
on conflict (component) do nothing;

insert into plumb.health_bands (component, value_max, share)
values
('error_rate', 0.1, 1),
('error_rate', 1, 0.75),
('error_rate', 3, 0.5),
('error_rate', 10, 0.25),
('latency', 200, 1),
('latency', 500, 0.7),
('latency', 1000, 0.4),
('latency', 2000, 0.2),
('backup', 24, 1),
('backup', 48, 0.5),
('backup', 72, 0.2)
on conflict (component, value_max) do nothing;

insert into plumb.health_grades (grade, score_min)
values ('A', 90), ('B', 75), ('C', 60), ('D', 40), ('F', 0)
on conflict (grade) do nothing;
