select plumb.declare_job(
    'invariant',
    'plumb.run_invariant_cycle()',
    'invariant_interval_ms',
    240,
    'Checks what changed, scores the drift.'
);
