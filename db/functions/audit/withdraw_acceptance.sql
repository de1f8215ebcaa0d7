-- Withdraws an acceptance that was a mistake: the finding is open again. The log keeps both.
create or replace function plumb.withdraw_acceptance(p_finding_id bigint, p_by text, p_reason text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before plumb.audit_findings;
begin
    perform plumb.expect_text('the name of the person', p_by);
    perform plumb.expect_text('the reason for withdrawing', p_reason);
    select f.* into v_before
    from plumb.audit_findings as f
    where f.audit_finding_id = p_finding_id
    for update;
    if not found then
        raise exception 'there is no finding %', coalesce(p_finding_id::text, 'null')
            using errcode = 'PL001', hint = 'select * from plumb.audit_findings;';
    elsif v_before.accepted_at is null or v_before.cleared_at is not null then
        raise exception 'finding % is not accepted', p_finding_id
            using errcode = 'PL005', hint = 'select * from plumb.audit_findings;';
    end if;
    update plumb.audit_findings as f
    set accepted_by = null, accepted_role = null, accepted_at = null, accept_reason = null
    where f.audit_finding_id = p_finding_id;
    perform plumb.append_audit(
        'WITHDRAW',
        'plumb.audit_findings',
        'audit_finding_id',
        null,
        jsonb_build_object(
            'audit_finding_id', p_finding_id,
            'withdrawn_by', p_by,
            'withdrawn_role', session_user,
            'reason', p_reason
        )
    );
    perform plumb.report_findings();
    return format('finding %s is open again', p_finding_id);
end;
$$;
comment on function plumb.withdraw_acceptance(bigint, text, text) is
'Open an accepted finding again; the log records who and why.';
grant execute on function plumb.withdraw_acceptance(bigint, text, text) to plumb_operator;
