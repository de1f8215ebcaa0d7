-- Counts a request in the database that Redis should have counted and could not.
create or replace function plumb.recount_request(p_client text, p_route_class text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count record;
begin
    select c.* into v_count
    from plumb.rate_limits as l
    cross join lateral plumb.count_request(
        p_client, l.route_class, l.requests_max, l.window_seconds
    ) as c
    where l.route_class = p_route_class;
    if not found then
        raise exception 'there is no class of routes %', quote_nullable(p_route_class)
            using errcode = 'PL001', hint = 'select * from plumb.rate_limits;';
    end if;
    if not v_count.is_admitted then
        perform plumb.report_rate_limited(p_client, p_route_class, v_count.refused_count);
    end if;
    return jsonb_build_object(
        'isAdmitted', v_count.is_admitted,
        'remaining', v_count.remaining,
        'retryAfterSeconds', v_count.retry_after_seconds
    );
end;
$$;
comment on function plumb.recount_request(text, text) is
'Count a request that Redis could not count; whether it fits, what remains, how long to wait.';
grant execute on function plumb.recount_request(text, text) to plumb_api;
