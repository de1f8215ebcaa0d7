select plumb.declare_job(
    'incident',
    'plumb.run_incidents()',
    'incident_interval_ms',
    30,
    'Escalates incidents that grew too old.'
);
