select plumb.declare_job(
    'prune',
    'plumb.prune_history()',
    'prune_interval_ms',
    300,
    'Deletes history beyond its retention.'
);
