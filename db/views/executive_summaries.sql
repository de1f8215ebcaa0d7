-- Lists what each executive report says, one sentence for each section, newest first.
create view plumb.executive_summaries as
select
    r.executive_report_id,
    r.period_started_at,
    r.period_ended_at,
    r.report ->> 'status' as status,
    r.report ->> 'headline' as headline,
    (
        select
            string_agg(
                format('%s: %s', s.section ->> 'title', s.section ->> 'text'), e'\n'
                order by s.position
            )
        from jsonb_array_elements(r.report -> 'sections') with ordinality as s (section, position)
    ) as summary,
    r.created_by,
    r.created_at
from plumb.executive_reports as r
order by r.executive_report_id desc;
comment on view plumb.executive_summaries is 'Executive reports in words, newest first.';
comment on column plumb.executive_summaries.executive_report_id is 'Its number.';
comment on column plumb.executive_summaries.period_started_at is 'The beginning of the period.';
comment on column plumb.executive_summaries.period_ended_at is 'The end of the period.';
comment on column plumb.executive_summaries.status is 'What the headline says, in one word.';
comment on column plumb.executive_summaries.headline is 'The report in one sentence.';
comment on column plumb.executive_summaries.summary is
'One sentence for each section of the report.';
comment on column plumb.executive_summaries.created_by is 'Who created it.';
comment on column plumb.executive_summaries.created_at is 'When it was created.';
