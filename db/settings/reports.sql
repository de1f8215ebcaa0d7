-- Settings of the executive report.
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
        'report_period_days_max', '400', 'days', 'integer', 1, 3660, null,
        'Longest period of a report: a year and some days.'
    ),
    (
        'report_periods', 'daily', '', 'list', null, null, 'daily,weekly,monthly',
        'Reports that the job writes: of its interval (daily), of each week and month in UTC.'
    ),
    (
        'report_chart_steps', '48', '', 'integer', 1, 1000, null,
        'Steps into which a report''s charts divide its period.'
    ),
    (
        'report_list_rows_max', '20', '', 'integer', 1, 1000, null,
        'Rows of each list in a report: it is read by people.'
    ),
    (
        'report_requests_max', '6', 'reports/min', 'integer', 1, 1000, null,
        'Reports that may be requested over HTTP in a minute: each is computed and sent.'
    ),
    (
        'report_retention_days', '1100', 'days', 'integer', 1, 36500, null,
        'How long executive reports are kept: three years.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
