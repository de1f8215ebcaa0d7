-- Settings of the executive report.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('report_period_days_max', '400', 'days', 'Longest period of a report: a year and some days.'),
    ('report_chart_steps', '48', '', 'Steps into which a report''s charts divide its period.'),
    ('report_list_rows_max', '20', '', 'Rows of each list in a report: it is read by people.'),
    (
        'report_requests_max', '6', 'reports/min',
        'Reports that may be requested over HTTP in a minute: each is computed and sent.'
    ),
    ('report_retention_days', '1100', 'days', 'How long executive reports are kept: three years.')
) as s (name, default_value, unit, description);
