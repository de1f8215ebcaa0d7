-- The daily job: from where the last daily report ended, so that no time between two is told
-- twice or not at all, unless that is longer ago than a report may be long.
create or replace function plumb.run_executive_report()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_from timestamptz;
    v_report_id bigint;
begin
    select max(r.period_ended_at) into v_from
    from plumb.executive_reports as r
    where
        r.created_by = 'exec-report'
        and r.period_ended_at < plumb.current_time()
        and r.period_ended_at
        > plumb.current_time() - plumb.setting_interval('report_period_days_max');
    v_report_id := plumb.create_executive_report(v_from, null, 'exec-report');
    return (
        select format('report %s: %s', r.executive_report_id, r.report ->> 'headline')
        from plumb.executive_reports as r
        where r.executive_report_id = v_report_id
    );
end;
$$;
comment on function plumb.run_executive_report() is
'Write and send the report since the last daily one; says its headline.';
grant execute on function plumb.run_executive_report() to plumb_worker;
