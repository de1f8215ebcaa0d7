-- Counts a request against the limit of its class of routes and decides whether it still fits.
-- With p_is_counted false only the limit is returned: Redis counts.
create or replace function plumb.judge_rate_limit(
    p_key text,
    p_method text,
    p_route text,
    p_is_counted boolean,
    out route_class text,
    out requests_max integer,
    out window_seconds integer,
    out remaining integer,
    out is_exceeded boolean,
    out retry_after_seconds integer
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count record;
begin
    is_exceeded := false;
    select l.route_class, l.requests_max, l.window_seconds
    into route_class, requests_max, window_seconds
    from plumb.rate_limits as l
    where p_method || ' ' || left(p_route, 500) ~ l.route_pattern
    order by l.position
    limit 1;
    if not found or not p_is_counted then
        return;
    end if;
    select c.* into v_count
    from plumb.count_request(p_key, route_class, requests_max, window_seconds) as c;
    remaining := v_count.remaining;
    if not v_count.is_admitted then
        is_exceeded := true;
        retry_after_seconds := v_count.retry_after_seconds;
        perform plumb.report_rate_limited(p_key, route_class, v_count.refused_count);
    end if;
end;
$$;
comment on function plumb.judge_rate_limit(text, text, text, boolean) is
'Count a request against the limit of its class of routes: the limit, what remains, and whether
the request is over it.';
revoke execute on function plumb.judge_rate_limit(text, text, text, boolean) from public;
