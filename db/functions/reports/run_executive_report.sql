-- Runs the job executive-report. The report of the job's interval begins where the last one ended,
-- so that no time between two is reported twice or not at all, unless that is longer ago than a
-- report may be long. The first run of a week or a month adds the report of the one that ended,
-- where they are wanted.
create or replace function plumb.run_executive_report()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_wanted constant text[] := string_to_array(plumb.setting('report_periods'), ',');
    v_period record;
    v_report_ids bigint[] := '{}'::bigint[];
begin
    for v_period in
        select p.created_by, p.started_at, p.ended_at
        from (
            values
            (
                1,
                'daily',
                'exec-report',
                (
                    select max(r.period_ended_at)
                    from plumb.executive_reports as r
                    where
                        r.created_by = 'exec-report'
                        and r.period_ended_at < v_now
                        and r.period_ended_at
                        > v_now - plumb.setting_interval('report_period_days_max')
                ),
                null
            ),
            (
                2,
                'weekly',
                'exec-report weekly',
                date_trunc('week', v_now, 'UTC') - interval '7 days',
                date_trunc('week', v_now, 'UTC')
            ),
            (
                3,
                'monthly',
                'exec-report monthly',
                date_trunc('month', v_now at time zone 'UTC' - interval '1 month')
                at time zone 'UTC',
                date_trunc('month', v_now, 'UTC')
            )
        ) as p (position, name, created_by, started_at, ended_at)
        where
            p.name = any(v_wanted)
            and not exists (
                select from plumb.executive_reports as r
                where r.created_by = p.created_by and r.period_ended_at = p.ended_at
            )
        order by p.position
    loop
        v_report_ids := v_report_ids || plumb.create_executive_report(
            v_period.started_at, v_period.ended_at, v_period.created_by
        );
    end loop;
    return (
        select string_agg(
            format('report %s: %s', r.executive_report_id, r.report ->> 'headline'),
            ' ' order by r.executive_report_id
        )
        from plumb.executive_reports as r
        where r.executive_report_id = any(v_report_ids)
    );
end;
$$;
comment on function plumb.run_executive_report() is
'Write and send the reports that are due, by report_periods; says their headlines.';
grant execute on function plumb.run_executive_report() to plumb_worker;
