select plumb.declare_job(
    'idempotency-clean',
    'plumb.prune_idempotency_keys()',
    'idempotency_interval_ms',
    60,
    'Prunes expired idempotency keys.'
);
