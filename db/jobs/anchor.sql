select plumb.declare_job(
    'anchor',
    'plumb.anchor_audit()',
    'audit_anchor_interval_ms',
    50,
    'Lets seal hashes leave the machine.'
);
