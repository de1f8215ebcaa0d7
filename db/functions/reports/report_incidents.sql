-- Writes a section of the executive report in words: incidents, and how long they took.
create or replace function plumb.report_incidents(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.incidents_opened is null then 'unknown'
            when n.incidents_open_p1 > 0 then 'bad'
            when n.incidents_open > 0 or n.incidents_opened > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when n.incidents_opened is null then 'No check ran, so none is known.'
                else format(
                    'Opened: %s%s; ended: %s, of them without a person: %s; escalated: %s; open'
                    ' at the end: %s.',
                    plumb.format_figure(n.incidents_opened, 'count'),
                    plumb.compare_figures(
                        n.incidents_opened, b.incidents_opened, 'count'
                    ),
                    plumb.format_figure(n.incidents_ended, 'count'),
                    plumb.format_figure(n.incidents_healed, 'count'),
                    plumb.format_figure(n.incidents_escalated, 'count'),
                    plumb.format_figure(n.incidents_open, 'count')
                )
            end,
            case when n.mttr_seconds is not null then format(
                'It took %s on average until one was over.',
                plumb.format_figure(n.mttr_seconds, 'seconds')
            ) end,
            case when n.mtta_seconds is not null then format(
                'A person acknowledged after %s on average.',
                plumb.format_figure(n.mtta_seconds, 'seconds')
            ) end
        )
    from jsonb_to_record(p_now) as n (
        incidents_ended numeric, incidents_escalated numeric, incidents_healed numeric,
        incidents_open numeric, incidents_open_p1 numeric, incidents_opened numeric,
        mtta_seconds numeric, mttr_seconds numeric
    )
    cross join jsonb_to_record(p_before) as b (
        incidents_opened numeric
    )
$$;
comment on function plumb.report_incidents(jsonb, jsonb) is
'Section incidents of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_incidents(jsonb, jsonb) from public;
