select plumb.declare_job(
    'rate-prune',
    'plumb.prune_request_counters()',
    'rate_prune_interval_ms',
    50,
    'Prunes counters of requests that no window reads.'
);
