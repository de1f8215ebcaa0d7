-- Returns a report as JSON for the HTTP service; the newest when none is named.
create or replace function plumb.describe_executive_report(
    p_executive_report_id bigint default null
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object('executiveReportId', r.executive_report_id) || r.report
    from plumb.executive_reports as r
    where p_executive_report_id is null or r.executive_report_id = p_executive_report_id
    order by r.executive_report_id desc
    limit 1
$$;
comment on function plumb.describe_executive_report(bigint) is
'A report, the newest by default, as JSON; null when there is none.';
grant execute on function plumb.describe_executive_report(bigint) to plumb_reader;
