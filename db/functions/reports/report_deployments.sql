-- Writes a section of the executive report in words: deployments, how many a gate refused, and how
-- those that were carried out ended.
create or replace function plumb.report_deployments(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when
                n.deployments_refused > 0
                or n.deployments_rolled_back > 0
                or n.deployments_inconclusive > 0
                then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when
                    n.deployments_judged = 0
                    and n.deployments_rolled_back = 0
                    and n.deployments_inconclusive = 0
                    then 'There were none.'
                else format(
                    'Judged: %s%s; refused by a gate: %s; rolled back: %s; applied without a'
                    ' verdict: %s.',
                    plumb.format_figure(n.deployments_judged, 'count'),
                    plumb.compare_figures(
                        n.deployments_judged, b.deployments_judged, 'count'
                    ),
                    plumb.format_figure(n.deployments_refused, 'count'),
                    plumb.format_figure(n.deployments_rolled_back, 'count'),
                    plumb.format_figure(n.deployments_inconclusive, 'count')
                )
            end
        )
    from jsonb_to_record(p_now) as n (
        deployments_inconclusive numeric, deployments_judged numeric,
        deployments_refused numeric, deployments_rolled_back numeric
    )
    cross join jsonb_to_record(p_before) as b (
        deployments_judged numeric
    )
$$;
comment on function plumb.report_deployments(jsonb, jsonb) is
'Section deployments of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_deployments(jsonb, jsonb) from public;
