-- Returns a page of reports as JSON, newest first: those before the last one shown.
create or replace function plumb.describe_executive_reports(
    p_limit integer default 50, p_before bigint default null
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_limit is null or p_limit not between 1 and 200 then
        raise exception 'limit % is not between 1 and 200', p_limit
            using errcode = 'PL002', hint = 'Pass before for more.';
    end if;
    return (
        select jsonb_build_object(
            'total', (select count(*) from plumb.executive_reports),
            'reports', coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'executiveReportId', r.executive_report_id,
                        'periodStartedAt', r.period_started_at,
                        'periodEndedAt', r.period_ended_at,
                        'status', r.report ->> 'status',
                        'headline', r.report ->> 'headline',
                        'createdBy', r.created_by,
                        'createdAt', r.created_at
                    ) order by r.executive_report_id desc
                ),
                '[]'
            )
        )
        from (
            select e.*
            from plumb.executive_reports as e
            where p_before is null or e.executive_report_id < p_before
            order by e.executive_report_id desc
            limit p_limit
        ) as r
    );
end;
$$;
comment on function plumb.describe_executive_reports(integer, bigint) is
'A page of reports, newest first, as JSON: ids below p_before.';
grant execute on function plumb.describe_executive_reports(integer, bigint) to plumb_reader;
