-- Measures the gate ERROR_RATE: few enough of the recent requests failed. No requests pass as idle;
-- without a report about requests it is unknown.
create or replace function plumb.measure_gate_errors()
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'ERROR_RATE',
        case
            when t.observation_count > 0 and t.request_count = 0 then 'idle'
            else trunc(t.error_percent, 3) || ' %'
        end,
        format('<= %s %%', t.error_percent_max),
        case
            when t.observation_count = 0 then 'unknown'
            when
                plumb.judged_error_percent(t.error_count, t.request_count) > t.error_percent_max
                then 'fail'
            -- Most of a few: too few to be called a failure, too many to be passed.
            when
                t.request_count < t.requests_min
                and t.error_count > 0
                and t.error_count * 2 >= t.request_count
                then 'unknown'
            else 'pass'
        end,
        case
            when t.observation_count = 0 then 'no requests are reported'
            when t.request_count = 0 then 'no requests'
            else plumb.failed_requests(t.error_count, t.request_count)
        end
    from (
        select
            r.*,
            r.error_count * 100.0 / nullif(r.request_count, 0) as error_percent,
            plumb.setting_number('gate_error_percent_max') as error_percent_max,
            plumb.setting_number('traffic_requests_min') as requests_min
        from plumb.recent_traffic() as r
    ) as t
$$;
comment on function plumb.measure_gate_errors() is
'Gate: few enough of the recent requests failed.';
revoke execute on function plumb.measure_gate_errors() from public;
