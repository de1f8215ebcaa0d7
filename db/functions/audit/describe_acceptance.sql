-- Returns what the log keeps of an accepted finding: enough to recognise it, for the independent
-- verifier and for a backup's drill, and who accepted it.
create or replace function plumb.describe_acceptance(p_finding plumb.audit_findings)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'audit_finding_id', p_finding.audit_finding_id,
        'kind', p_finding.kind,
        'relation', p_finding.relation,
        'record_key', p_finding.record_key,
        'object', p_finding.object,
        'seal', p_finding.seal,
        'txid', p_finding.txid::text,
        'n', p_finding.n,
        'expected', p_finding.expected,
        'actual', p_finding.actual,
        'accepted_by', p_finding.accepted_by,
        'accepted_role', p_finding.accepted_role,
        'accept_reason', p_finding.accept_reason
    )
$$;
comment on function plumb.describe_acceptance(plumb.audit_findings) is
'An accepted finding as the audit log records it.';
