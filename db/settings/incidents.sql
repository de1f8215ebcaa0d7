-- Settings of the incident lifecycle.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('incident_interval_ms', '60000', 'ms', 'How often incidents are looked at for their age.'),
    ('escalate_attempts', '3', '', 'Attempts to heal after which a person is called.'),
    ('escalate_age_seconds', '900', 's', 'Age at which a person is called.'),
    ('escalate_flaps', '3', '', 'How often a trouble may come back before a person is called.'),
    ('flap_window_seconds', '900', 's', 'A trouble that returns within it reopens its incident.'),
    ('snapshot_rows_max', '100', 'rows', 'Most rows of each kind in a forensic snapshot.')
) as s (name, default_value, unit, description);
