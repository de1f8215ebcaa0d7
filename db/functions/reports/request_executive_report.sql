-- Writes a report for a caller over HTTP unless too many were requested within a minute, for each
-- report is computed over its whole period and sent to its receivers. All callers share the limit:
-- those on this machine are exempt from the limits per client.
create or replace function plumb.request_executive_report(
    p_from timestamptz default null, p_to timestamptz default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_requests_max constant integer := plumb.setting_number('report_requests_max')::integer;
    v_count record;
begin
    select c.is_admitted, c.retry_after_seconds into v_count
    from plumb.count_request('every client', 'report', v_requests_max, 60) as c;
    if not v_count.is_admitted then
        return jsonb_build_object(
            'result', 'limited',
            'requestsMax', v_requests_max,
            'retryAfterSeconds', v_count.retry_after_seconds
        );
    end if;
    return jsonb_build_object(
        'result', 'created',
        'executiveReportId', plumb.create_executive_report(p_from, p_to, 'HTTP')
    );
end;
$$;
comment on function plumb.request_executive_report(timestamptz, timestamptz) is
'Write the report of a period for a caller over HTTP, up to report_requests_max a minute.';
revoke execute on function plumb.request_executive_report(timestamptz, timestamptz) from public;
grant execute on function plumb.request_executive_report(timestamptz, timestamptz) to plumb_api;
