-- Writes a section of the executive report in words: requests, errors, latency and slow statements.
create or replace function plumb.report_performance(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.requests is null then 'unknown'
            when n.error_rate > 0.03 or n.slow_statements > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when n.requests is null then 'No requests were reported in this period.'
                when n.requests = 0 then 'There were no requests.'
                else format(
                    '%s%s; %s failed; 95 %% of them took at most %s%s.',
                    plumb.counted(n.requests, 'request'),
                    plumb.compare_figures(n.requests, b.requests, 'count'),
                    plumb.format_figure(n.error_rate, 'ratio'),
                    plumb.format_figure(n.p95_ms, 'ms'),
                    plumb.compare_figures(
                        round(n.p95_ms, 1), round(b.p95_ms, 1), 'ms'
                    )
                )
            end,
            case when n.slow_statements > 0 then format(
                'Statements that are new or slower than before: %s.',
                plumb.format_figure(n.slow_statements, 'count')
            ) end
        )
    from jsonb_to_record(p_now) as n (
        error_rate numeric, p95_ms numeric, requests numeric, slow_statements numeric
    )
    cross join jsonb_to_record(p_before) as b (
        p95_ms numeric, requests numeric
    )
$$;
comment on function plumb.report_performance(jsonb, jsonb) is
'Section performance of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_performance(jsonb, jsonb) from public;
