-- Writes a section of the executive report in words: the health score over the period, and how long
-- it was not measured.
create or replace function plumb.report_health(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.score_last is null then 'unknown'
            when n.score_last < 60 then 'bad'
            when n.score_last < 80 or n.safe_mode_seconds > 0 or n.unmeasured_seconds > 0
                then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when n.score_average is null
                    then 'Health was never measured in this period.'
                else format(
                    '%s; its average was %s%s, its lowest %s.',
                    case
                        when n.score_last is null
                            then 'What the score was at the end is unknown'
                        else format(
                            'The score ended at %s',
                            plumb.format_figure(n.score_last, 'points')
                        )
                    end,
                    plumb.format_figure(n.score_average, 'points'),
                    plumb.compare_figures(
                        round(n.score_average, 1), round(b.score_average, 1), 'points'
                    ),
                    plumb.format_figure(n.score_min, 'points')
                )
            end,
            case when n.unmeasured_seconds > 0 and n.score_average is not null then format(
                'Health was not measured for %s of it: what happened then is unknown.',
                plumb.format_figure(n.unmeasured_seconds, 'seconds')
            ) end,
            case when n.safe_mode_seconds > 0 then format(
                'Safe mode stopped all writes for %s.',
                plumb.format_figure(n.safe_mode_seconds, 'seconds')
            ) end
        )
    from jsonb_to_record(p_now) as n (
        safe_mode_seconds numeric, score_average numeric, score_last numeric, score_min numeric,
        unmeasured_seconds numeric
    )
    cross join jsonb_to_record(p_before) as b (
        score_average numeric
    )
$$;
comment on function plumb.report_health(jsonb, jsonb) is
'Section health of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_health(jsonb, jsonb) from public;
