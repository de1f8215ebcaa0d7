-- What an application's request layer saw, window by window. Windows say how long ago they ended
-- instead of when: the database's clock decides, and an application whose clock is wrong is not
-- taken for one that fell silent.
create or replace function plumb.record_requests(p_source text, p_observations jsonb)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_count bigint;
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
    begin
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
        select
            p_source,
            left(o.route, 200),
            o."requestCount",
            o."errorCount",
            o."p50Ms",
            o."p95Ms",
            o."p99Ms",
            v_now - make_interval(secs => greatest(o."endedSecondsAgo", 0) + o."windowSeconds"),
            o."windowSeconds"
        from jsonb_to_recordset(p_observations) as o (
            route text,
            "requestCount" bigint,
            "errorCount" bigint,
            "p50Ms" double precision,
            "p95Ms" double precision,
            "p99Ms" double precision,
            "endedSecondsAgo" double precision,
            "windowSeconds" double precision
        );
        get diagnostics v_count = row_count;
    exception
        when data_exception or integrity_constraint_violation then
            raise exception 'an observation cannot be recorded: %', sqlerrm
                using errcode = 'PL002',
                hint = 'Each has route, requestCount, errorCount, p50Ms, p95Ms, p99Ms,'
                ' endedSecondsAgo and windowSeconds.';
    end;
    return v_count;
end;
$$;
comment on function plumb.record_requests(text, jsonb) is
'Record request latencies: objects with route (* for all), counts, percentiles in ms and window.';
grant execute on function plumb.record_requests(text, jsonb) to plumb_api, plumb_operator;
