select plumb.declare_job(
    'audit-verify',
    'plumb.run_audit_check()',
    'security_interval_ms',
    840,
    'Verifies the new part of the audit log.'
);
