select plumb.declare_job(
    'audit-retire',
    'plumb.retire_audit()',
    'prune_interval_ms',
    600,
    'Drops audit rows beyond their retention.'
);
