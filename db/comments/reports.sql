-- Says what the tables of engine reports and their columns hold, for \d+ and docs/reference.

comment on table plumb.executive_reports is 'The executive reports, in words and figures.';
comment on column plumb.executive_reports.executive_report_id is 'Its number.';
comment on column plumb.executive_reports.period_started_at is 'The beginning of the period.';
comment on column plumb.executive_reports.period_ended_at is 'The end of the period.';
comment on column plumb.executive_reports.report is 'The report, as JSON.';
comment on column plumb.executive_reports.created_by is 'Who created it.';
comment on column plumb.executive_reports.created_at is 'When it was created.';
comment on column plumb.executive_reports.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
