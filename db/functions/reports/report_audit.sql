-- A section of the executive report in words: the audit log and what its last verification found.
create or replace function plumb.report_audit(p_now jsonb, p_before jsonb)
returns table (section text, title text, status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'audit',
        'Audit log',
        case
            when n.audit_findings is null then 'unknown'
            when n.audit_findings > 0 then 'bad'
            else 'good'
        end,
        concat_ws(
            ' ',
            format(
                '%s rows%s of %s transactions were sealed.',
                plumb.format_figure(n.audit_rows, 'count'),
                plumb.compare_figures(n.audit_rows, b.audit_rows, 'count'),
                plumb.format_figure(n.audit_transactions, 'count')
            ),
            case
                when n.audit_findings is null then 'The log was not verified yet.'
                when n.audit_findings = 0 then format(
                    'The last verification, %s before the end, found nothing wrong.',
                    plumb.format_figure(n.audit_verified_age_seconds, 'seconds')
                )
                else format(
                    'The last verification found %s places that are not what was written.',
                    plumb.format_figure(n.audit_findings, 'count')
                )
            end
        )
    from jsonb_to_record(p_now) as n (
        audit_findings numeric, audit_rows numeric, audit_transactions numeric,
        audit_verified_age_seconds numeric
    )
    cross join jsonb_to_record(p_before) as b (
        audit_rows numeric
    )
$$;
comment on function plumb.report_audit(jsonb, jsonb) is
'Section audit of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_audit(jsonb, jsonb) from public;
