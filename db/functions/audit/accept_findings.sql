-- Accepts findings that a person has investigated: they stay recorded and no longer keep the audit
-- red. The audit log itself says who accepted what and why, and the role of the session besides the
-- name that was given.
create or replace function plumb.accept_findings(
    p_finding_ids bigint[], p_by text, p_reason text
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role constant text := session_user || case
        when current_setting('role') not in ('none', session_user)
            then ' as ' || current_setting('role')
        else ''
    end;
    v_finding plumb.audit_findings;
    v_id bigint;
    v_count bigint := 0;
begin
    perform plumb.expect_text('the name of the person', p_by);
    perform plumb.expect_text('the reason for accepting', p_reason);
    -- In one order, so that two sessions never wait for each other.
    for v_id in
        select distinct i.id from unnest(p_finding_ids) as i (id) order by 1
    loop
        select f.* into v_finding
        from plumb.audit_findings as f
        where f.audit_finding_id = v_id
        for update;
        if not found then
            raise exception 'there is no finding %', coalesce(v_id::text, 'null')
                using errcode = 'PL001', hint = 'select * from plumb.open_findings;';
        elsif v_finding.cleared_at is not null or v_finding.accepted_at is not null then
            raise exception 'finding % is % already', v_id,
                case when v_finding.cleared_at is not null then 'cleared' else 'accepted' end
                using errcode = 'PL005', hint = 'select * from plumb.open_findings;';
        end if;
        update plumb.audit_findings as f
        set
            accepted_by = p_by,
            accepted_role = v_role,
            accepted_at = plumb.current_time(),
            accept_reason = p_reason
        where f.audit_finding_id = v_id
        returning f.* into v_finding;
        perform plumb.append_audit(
            'ACCEPT',
            'plumb.audit_findings',
            'audit_finding_id',
            null,
            plumb.describe_acceptance(v_finding)
        );
        v_count := v_count + 1;
    end loop;
    perform plumb.report_findings();
    return format(
        'accepted: %s, open: %s',
        v_count,
        (
            select count(*)
            from plumb.audit_findings as f
            where f.cleared_at is null and f.accepted_at is null
        )
    );
end;
$$;
comment on function plumb.accept_findings(bigint[], text, text) is
'Accept open findings of the audit log by number; the log records who and why.';
grant execute on function plumb.accept_findings(bigint[], text, text) to plumb_operator;
