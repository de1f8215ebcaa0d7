-- What each column of the tables of engine reports means, for \d+ and for docs/reference.

comment on column plumb.executive_reports.executive_report_id is 'Its number.';
comment on column plumb.executive_reports.period_started_at is 'The beginning of the period.';
comment on column plumb.executive_reports.period_ended_at is 'The end of the period.';
comment on column plumb.executive_reports.report is 'The report, as JSON.';
comment on column plumb.executive_reports.created_by is 'Who created it.';
comment on column plumb.executive_reports.created_at is 'When it was created.';
