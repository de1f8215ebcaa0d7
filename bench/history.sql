-- What months of guarding leave behind: as many audited rows as bench.log_rows says, and with a
-- million of them all that retention keeps of checks, scores, requests, job runs and events.
insert into retail.payments (customer_id, amount)
select 1 + n % 1000, 1 + n % 90
from generate_series(1, current_setting('bench.log_rows')::integer) as n;

-- Each API process reports its windows of ten seconds, here in steps of a minute for six routes.
insert into plumb.perf_observations (
    source, route, request_count, error_count, p50_ms, p95_ms, p99_ms,
    window_started_at, window_seconds
)
select
    'shop' as source,
    r.route,
    100 + n % 50 as request_count,
    n % 2 as error_count,
    2 as p50_ms,
    5 as p95_ms,
    9 as p99_ms,
    now() - make_interval(mins => n) as window_started_at,
    60 as window_seconds
from generate_series(1, current_setting('bench.log_rows')::integer / 25) as n
cross join unnest(array['*', 'GET /a', 'GET /b', 'POST /a', 'GET /c', 'GET /d']) as r (route);

insert into plumb.drift_scores (
    score, mode, invariants_holding, invariants_violated, violation_count, created_at
)
select
    100 as score,
    'cycle' as mode,
    7 as invariants_holding,
    0 as invariants_violated,
    0 as violation_count,
    now() - make_interval(mins => 5 * n) as created_at
from generate_series(1, current_setting('bench.log_rows')::integer / 40) as n;

insert into plumb.invariant_checks (invariant, status, duration_ms, checked_at)
select
    i.name,
    'holds' as status,
    1 as duration_ms,
    d.created_at
from plumb.drift_scores as d
cross join plumb.invariants as i;

insert into plumb.health_scores (score, grade, is_safe_mode, components, created_at)
select
    100 as score,
    'A' as grade,
    false as is_safe_mode,
    '[]' as components,
    d.created_at
from plumb.drift_scores as d;

-- Fewer than a database without pruning would have, more than one with it.
insert into plumb.job_runs (job_name, started_at, finished_at, result)
select
    j.job_name,
    r.started_at,
    r.started_at as finished_at,
    'succeeded' as result
from plumb.jobs as j
inner join plumb.settings as s on s.name = j.interval_setting
cross join lateral generate_series(
    now() - least(
        interval '14 days',
        current_setting('bench.log_rows')::integer / 10
        * make_interval(secs => coalesce(s.value, s.default_value)::double precision / 1000)
    ),
    now(),
    make_interval(secs => coalesce(s.value, s.default_value)::double precision / 1000)
) as r (started_at);

insert into plumb.security_events (kind, severity, client, occurred_at)
select
    'failed_login' as kind,
    'P4' as severity,
    '203.0.113.' || n % 250 as client,
    now() - make_interval(mins => n) as occurred_at
from generate_series(1, current_setting('bench.log_rows')::integer / 10) as n;

insert into plumb.statement_observations (
    queryid, query, calls, mean_ms, total_ms, verdict, observed_at
)
select
    n % 50 as queryid,
    'select ' || n % 50 as query,
    100 as calls,
    1 as mean_ms,
    100 as total_ms,
    'usual' as verdict,
    now() - make_interval(mins => n / 5) as observed_at
from generate_series(1, current_setting('bench.log_rows')::integer / 5) as n;
