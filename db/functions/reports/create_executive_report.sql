-- Writes the report of a period: its figures beside those of the period before, what they mean in
-- words, and what stands behind them. Without a period it is the time since the interval of the
-- daily report.
create or replace function plumb.create_executive_report(
    p_from timestamptz default null, p_to timestamptz default null, p_by text default session_user
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set jit = off
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_to constant timestamptz := coalesce(p_to, v_now);
    v_from constant timestamptz := coalesce(
        p_from,
        v_to - plumb.setting_interval('exec_report_interval_ms')
    );
    v_days_max constant integer := plumb.setting_number('report_period_days_max')::integer;
    v_figures jsonb;
    v_before jsonb;
    v_rows jsonb;
    v_report jsonb;
    v_report_id bigint;
begin
    if not isfinite(v_from) or not isfinite(v_to) or v_from >= v_to then
        raise exception 'a report from % to % has no time in it', v_from, v_to
            using errcode = 'PL002', hint = 'Its start must come before its end.';
    elsif v_to > v_now then
        raise exception 'a report to % would end in the future', v_to
            using errcode = 'PL002', hint = format('It is %s.', v_now);
    elsif v_to - v_from > make_interval(days => v_days_max) then
        raise exception 'a report from % to % is longer than % days', v_from, v_to, v_days_max
            using errcode = 'PL002', hint = 'The setting report_period_days_max allows more.';
    end if;

    with figures as (
        select p.*, row_number() over () as position
        from plumb.summarize_period(v_from, v_to) as p
    ),

    before as (
        select p.measure, p.value
        from plumb.summarize_period(v_from - (v_to - v_from), v_from) as p
    )

    select
        jsonb_object_agg(f.measure, f.value),
        jsonb_object_agg(f.measure, b.value),
        jsonb_agg(
            jsonb_build_object(
                'section', f.section,
                'measure', f.measure,
                'title', f.title,
                'unit', f.unit,
                'value', round(f.value, 4),
                'before', round(b.value, 4),
                'valueText', plumb.format_figure(f.value, f.unit),
                'beforeText', plumb.format_figure(b.value, f.unit)
            ) order by f.position
        )
    into v_figures, v_before, v_rows
    from figures as f
    inner join before as b on b.measure = f.measure;

    select jsonb_build_object(
        'version', 1,
        'database', current_database(),
        'periodStartedAt', v_from,
        'periodEndedAt', v_to,
        'createdAt', v_now,
        'createdBy', left(p_by, 200),
        'status', case
            when bool_or(t.status = 'bad') then 'bad'
            when bool_or(t.status = 'unknown') then 'unknown'
            when bool_or(t.status = 'attention') then 'attention'
            else 'good'
        end,
        'sections', jsonb_agg(
            jsonb_build_object(
                'section', t.section,
                'title', t.title,
                'status', t.status,
                'text', t.sentence,
                'figures', (
                    select jsonb_agg(f.figure - 'section' order by f.position)
                    from jsonb_array_elements(v_rows)
                        with ordinality as f (figure, position)
                    where f.figure ->> 'section' = t.section
                )
            ) order by t.position
        ),
        'lists', plumb.report_lists(v_from, v_to),
        'series', plumb.report_series(v_from, v_to),
        'story', plumb.report_story(v_figures)
    ) into v_report
    from (
        select r.*, row_number() over () as position
        from plumb.render_report(v_figures, v_before) as r
    ) as t;

    v_report := v_report || jsonb_build_object(
        'headline', plumb.report_headline(v_figures, v_report -> 'sections')
    );

    insert into plumb.executive_reports (
        period_started_at, period_ended_at, report, created_by, created_at
    )
    values (v_from, v_to, v_report, left(p_by, 200), v_now)
    returning executive_report_id into v_report_id;

    insert into plumb.outbox (topic, dedup_key, payload, created_at)
    values (
        'report.executive',
        format('plumb:report:%s', v_report_id),
        jsonb_build_object('executiveReportId', v_report_id) || v_report,
        v_now
    );
    return v_report_id;
end;
$$;
comment on function plumb.create_executive_report(timestamptz, timestamptz, text) is
'Write the report of a period, by default the last interval, and send it; returns its id.';
grant execute on function plumb.create_executive_report(timestamptz, timestamptz, text)
to plumb_operator;
