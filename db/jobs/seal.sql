select plumb.declare_job(
    'seal',
    'plumb.run_seal()',
    'seal_interval_ms',
    60,
    'Seals the audit log.'
);
