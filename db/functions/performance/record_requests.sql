-- Records what an application's request layer measured, window by window. Windows say how long ago
-- they ended instead of when, because the clock of the application may be wrong. A report that
-- cannot be read is refused as a whole: an error count that was ignored silently would make a
-- release look healthy.
create or replace function plumb.record_requests(p_source text, p_observations jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_fault text;
begin
    if coalesce(p_source, '') = '' or length(p_source) > 200 then
        raise exception 'a source has 1 to 200 characters, got %',
            quote_nullable(left(p_source, 200))
            using errcode = 'PL002', hint = 'Name the application that reports.';
    end if;
    if jsonb_typeof(p_observations) is distinct from 'array' then
        raise exception 'observations are an array, got %',
            coalesce(left(p_observations::text, 80), 'null')
            using errcode = 'PL002', hint = 'One object for each route and window.';
    end if;
    if jsonb_array_length(p_observations) > 1000 then
        raise exception 'at most 1000 observations are taken at once, got %',
            jsonb_array_length(p_observations)
            using errcode = 'PL002', hint = 'Send more in several calls.';
    end if;
    select format('observation %s cannot be recorded: %s', o.position, f.fault)
    into v_fault
    from jsonb_array_elements(p_observations) with ordinality as o (value, position)
    cross join lateral plumb.observation_fault(o.value) as f (fault)
    where f.fault is not null
    order by o.position
    limit 1;
    if v_fault is not null then
        raise exception '%', v_fault
            using errcode = 'PL002',
            hint = 'Each has route, requestCount, errorCount and windowSeconds, and may have'
            ' endedSecondsAgo, p50Ms, p95Ms and p99Ms: see docs/performance.md.';
    end if;
    insert into plumb.perf_observations (
        source,
        route,
        request_count,
        error_count,
        p50_ms,
        p95_ms,
        p99_ms,
        window_started_at,
        window_seconds
    )
    with given as (
        select
            left(o.route, 200) as route,
            o."requestCount" as request_count,
            o."errorCount" as error_count,
            o."p50Ms" as p50_ms,
            o."p95Ms" as p95_ms,
            o."p99Ms" as p99_ms,
            coalesce(o."endedSecondsAgo", 0) as ended_seconds_ago,
            o."windowSeconds" as window_seconds
        from jsonb_to_recordset(p_observations) as o (
            route text,
            "requestCount" bigint,
            "errorCount" bigint,
            "p50Ms" double precision,
            "p95Ms" double precision,
            "p99Ms" double precision,
            "endedSecondsAgo" double precision,
            "windowSeconds" double precision
        )
    ),

    -- A window without route * gets one, or what its routes saw would count for nothing.
    whole as (
        select g.*
        from given as g
        union all
        select
            '*',
            sum(g.request_count),
            sum(g.error_count),
            sum(g.p50_ms * g.request_count)
            / nullif(sum(g.request_count) filter (where g.p50_ms is not null), 0),
            sum(g.p95_ms * g.request_count)
            / nullif(sum(g.request_count) filter (where g.p95_ms is not null), 0),
            sum(g.p99_ms * g.request_count)
            / nullif(sum(g.request_count) filter (where g.p99_ms is not null), 0),
            g.ended_seconds_ago,
            g.window_seconds
        from given as g
        group by g.ended_seconds_ago, g.window_seconds
        having not bool_or(g.route = '*')
    )

    select
        p_source,
        w.route,
        w.request_count,
        w.error_count,
        w.p50_ms,
        w.p95_ms,
        w.p99_ms,
        v_now - make_interval(secs => w.ended_seconds_ago + w.window_seconds),
        w.window_seconds
    from whole as w;
    return jsonb_array_length(p_observations);
end;
$$;
comment on function plumb.record_requests(text, jsonb) is
'Record requests of an application, by route and window; returns how many rows it took.';
grant execute on function plumb.record_requests(text, jsonb) to plumb_api, plumb_operator;
