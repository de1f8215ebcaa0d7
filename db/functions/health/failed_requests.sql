-- Says how many requests failed, in words, and as how many they are judged when there were few.
create or replace function plumb.failed_requests(p_error_count bigint, p_request_count bigint)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s of %s failed%s',
        p_error_count,
        plumb.counted(p_request_count, 'request'),
        case
            when p_error_count > 0 and p_request_count < m.request_count
            then format(
                ', judged as %s of %s (traffic_requests_min)', p_error_count, m.request_count
            )
            else ''
        end
    )
    from (select plumb.setting_number('traffic_requests_min') as request_count) as m
$$;
comment on function plumb.failed_requests(bigint, bigint) is
'How many requests failed, in words.';
