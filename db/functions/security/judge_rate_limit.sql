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
    v_refused_count bigint;
begin
    -- One statement, for PL/pgSQL prepares each expression anew in every transaction.
    select
        l.route_class,
        l.requests_max,
        l.window_seconds,
        c.remaining,
        not c.is_admitted,
        c.retry_after_seconds,
        c.refused_count
    into
        route_class,
        requests_max,
        window_seconds,
        remaining,
        is_exceeded,
        retry_after_seconds,
        v_refused_count
    from (
        select r.route_class, r.requests_max, r.window_seconds
        from plumb.rate_limits as r
        where p_method || ' ' || left(p_route, 500) ~ r.route_pattern
        order by r.position
        limit 1
    ) as l
    left join lateral (
        select k.*
        from plumb.count_request(p_key, l.route_class, l.requests_max, l.window_seconds) as k
        where p_is_counted
    ) as c on true;
    if is_exceeded then
        perform plumb.report_rate_limited(p_key, route_class, v_refused_count);
    end if;
end;
$$;
comment on function plumb.judge_rate_limit(text, text, text, boolean) is
'Count a request against the limit of its class of routes: the limit, what remains, and whether
the request is over it.';
revoke execute on function plumb.judge_rate_limit(text, text, text, boolean) from public;
