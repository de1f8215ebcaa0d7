select plumb.declare_job(
    'heartbeat',
    'plumb.run_heartbeat()',
    'heartbeat_interval_ms',
    60,
    'Sends the heartbeat, judges the receivers.'
);
