-- Writes a section of the executive report in words: violations of invariants, and rows that were
-- corrected without a person.
create or replace function plumb.report_integrity(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.checks is null then 'unknown'
            when n.violations_open > 0 and n.drift_last < 85 then 'bad'
            when n.violations_open > 0 or n.violations_found > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when n.checks is null then 'No invariant was checked in this period.'
                when n.violations_found = 0 and n.violations_open = 0 then format(
                    'Every invariant held in each of %s checks.',
                    plumb.format_figure(n.checks, 'count')
                )
                else format(
                    'New violations: %s%s; cleared: %s; open at the end: %s.',
                    plumb.format_figure(n.violations_found, 'count'),
                    plumb.compare_figures(
                        n.violations_found, b.violations_found, 'count'
                    ),
                    plumb.format_figure(n.violations_cleared, 'count'),
                    plumb.format_figure(n.violations_open, 'count')
                )
            end,
            case when n.rows_corrected > 0 then format(
                'Corrected without a person: %s in quarantine.',
                plumb.counted(n.rows_corrected, 'row, which is kept', 'rows, each of them kept')
            ) end
        )
    from jsonb_to_record(p_now) as n (
        checks numeric, drift_last numeric, rows_corrected numeric, violations_cleared numeric,
        violations_found numeric, violations_open numeric
    )
    cross join jsonb_to_record(p_before) as b (
        violations_found numeric
    )
$$;
comment on function plumb.report_integrity(jsonb, jsonb) is
'Section integrity of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_integrity(jsonb, jsonb) from public;
