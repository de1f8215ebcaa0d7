select plumb.declare_job(
    'exec-report',
    'plumb.run_executive_report()',
    'exec_report_interval_ms',
    300,
    'Writes and sends the executive report.'
);
