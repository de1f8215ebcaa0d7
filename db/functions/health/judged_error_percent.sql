-- Returns the error rate that is judged. Among few requests a single failure is a large share and
-- says little, so fewer than traffic_requests_min are judged as if there had been that many.
create or replace function plumb.judged_error_percent(
    p_error_count bigint, p_request_count bigint
)
returns numeric
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        p_error_count * 100.0
        / greatest(p_request_count, plumb.setting_number('traffic_requests_min'))
$$;
comment on function plumb.judged_error_percent(bigint, bigint) is
'Error rate in percent of requests, of traffic_requests_min when fewer came.';
