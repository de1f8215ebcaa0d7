-- Writes a section of the executive report in words: the audit log and what its verifications
-- found.
create or replace function plumb.report_audit(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.audit_findings is null then 'unknown'
            when n.audit_findings_open > 0 then 'bad'
            when n.audit_findings > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            format(
                'Sealed: %s%s, of %s.',
                plumb.counted(n.audit_rows, 'row'),
                plumb.compare_figures(n.audit_rows, b.audit_rows, 'count'),
                plumb.counted(n.audit_transactions, 'transaction')
            ),
            case
                when n.audit_findings is null then 'The log was not verified yet.'
                when n.audit_findings = 0 then format(
                    'The last verification, %s before the end, found nothing wrong.',
                    plumb.format_figure(n.audit_verified_age_seconds, 'seconds')
                )
                else format(
                    'Verifications saw %s not as written; %s open at the end.',
                    plumb.counted(n.audit_findings, 'place that is', 'places that are'),
                    case
                        when n.audit_findings_open = 0 then 'none of it is'
                        else plumb.counted(n.audit_findings_open, 'is', 'are')
                    end
                )
            end
        )
    from jsonb_to_record(p_now) as n (
        audit_findings numeric, audit_findings_open numeric, audit_rows numeric,
        audit_transactions numeric, audit_verified_age_seconds numeric
    )
    cross join jsonb_to_record(p_before) as b (
        audit_rows numeric
    )
$$;
comment on function plumb.report_audit(jsonb, jsonb) is
'Section audit of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_audit(jsonb, jsonb) from public;
