select plumb.declare_job(
    'deploy-watch',
    'plumb.watch_deployments()',
    'deploy_watch_interval_ms',
    30,
    'Finds deployments whose process died.'
);
