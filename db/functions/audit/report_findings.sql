-- Opens and resolves the incidents about the audit log, by what was found and not accepted: the log
-- or a table was changed (P1), a table could not be compared (P2, once it lasts), something
-- happened that a person must accept, such as a new baseline (P2 or P3).
create or replace function plumb.report_findings()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scope record;
begin
    for v_scope in
        select
            s.scope,
            s.title,
            count(f.kind) as finding_count,
            min(f.priority) as priority,
            array_to_string(
                (array_agg(f.description order by f.priority, f.audit_finding_id))[1:20], e'\n'
            ) as description,
            (
                select count(*)
                from plumb.audit_findings as a
                where a.cleared_at is null and a.accepted_at is not null
            ) as accepted_count
        from (
            values
            ('audit_log', 'The audit log has %s'),
            ('not_verified', 'Audited tables could not be compared with their log: %s'),
            ('baselines', 'Audited tables changed in a way that a person must accept: %s')
        ) as s (scope, title)
        left join lateral (
            select
                f.audit_finding_id,
                f.kind,
                case f.kind when 'not_reconciled' then 'P2' else f.priority end as priority,
                format(
                    '%s: %s%s (finding %s)',
                    f.kind,
                    plumb.finding_place(f),
                    case
                        when f.kind = 'not_reconciled' or f.source = 'event' then ': ' || f.actual
                    end,
                    f.audit_finding_id
                ) as description
            from plumb.audit_findings as f
            where
                f.cleared_at is null
                and f.accepted_at is null
                and s.scope = case
                    when f.kind = 'not_reconciled' then 'not_verified'
                    when f.source = 'event' then 'baselines'
                    else 'audit_log'
                end
                -- A lock that is gone by the next verification is no incident.
                and (
                    f.kind <> 'not_reconciled'
                    or f.object is distinct from 'lock'
                    or f.occurrence_count > 1
                )
        ) as f on true
        group by s.scope, s.title
    loop
        if v_scope.finding_count > 0 then
            perform plumb.open_incident(
                'audit',
                v_scope.scope,
                v_scope.priority,
                format(
                    v_scope.title,
                    format(
                        '%s finding%s',
                        v_scope.finding_count,
                        case when v_scope.finding_count <> 1 then 's' end
                    )
                ),
                v_scope.description,
                v_scope.finding_count,
                plumb.setting('runbook_base_url') || 'audit.md'
            );
        else
            perform plumb.resolve_incident(
                'audit',
                v_scope.scope,
                case v_scope.accepted_count
                    when 0 then 'nothing is found any more'
                    else format(
                        'nothing is found that is not accepted; accepted: %s',
                        v_scope.accepted_count
                    )
                end,
                v_scope.accepted_count = 0
            );
        end if;
    end loop;
end;
$$;
comment on function plumb.report_findings() is
'Open or resolve the incidents about the audit log, by the findings that nobody accepted.';
