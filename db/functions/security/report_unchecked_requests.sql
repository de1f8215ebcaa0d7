-- Records requests that an application let pass while they could not be judged.
create or replace function plumb.report_unchecked_requests(p_source text, p_request_count bigint)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.record_security_event(
        'requests_unchecked', 'P3', '', p_source, jsonb_build_object('requests', p_request_count)
    )
$$;
comment on function plumb.report_unchecked_requests(text, bigint) is
'Record how many requests passed unjudged while the database was away.';
grant execute on function plumb.report_unchecked_requests(text, bigint)
to plumb_api, plumb_operator;
