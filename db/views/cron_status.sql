-- Every worker at a glance. Staleness is judged here, by the clock of whoever asks: a scheduler
-- that died cannot report its own death.
create view plumb.cron_status as
select
    j.job_name,
    l.started_at as last_run_at,
    round(extract(epoch from l.finished_at - l.started_at) * 1000)::bigint as duration_ms,
    l.result,
    l.message,
    n.next_run_at,
    case
        when not j.is_enabled then 'disabled'
        when j.schedule is null then 'unscheduled'
        when l.started_at is null and s.is_stale then 'stale'
        when l.started_at is null then 'waiting'
        when s.is_stale then 'stale'
        when l.result = 'failed' then 'failed'
        when l.result = 'running' then 'running'
        else 'ok'
    end as status,
    j.is_enabled and s.is_stale as is_stale,
    (i.interval_ms / 1000)::numeric as interval_seconds,
    j.schedule,
    j.description
from plumb.jobs as j
cross join lateral (
    select
        coalesce(c.value, c.default_value)::numeric as interval_ms,
        c.updated_at as changed_at
    from plumb.settings as c
    where c.name = j.interval_setting
) as i
left join lateral (
    select r.started_at, r.finished_at, r.result, r.message
    from plumb.job_runs as r
    where r.job_name = j.job_name
    order by r.started_at desc
    limit 1
) as l on true
cross join lateral (
    select greatest(
        coalesce(l.started_at, (select min(b.released_at) from plumb.releases as b)),
        i.changed_at
    ) as seen_at
) as k
cross join lateral (
    -- Twice the interval and a minute: one late run is no news, two are.
    select
        plumb.current_time()
        > k.seen_at + make_interval(secs => i.interval_ms::double precision / 500 + 60) as is_stale
) as s
cross join lateral (
    -- The grid that pg_cron runs on, in UTC; a daily job runs at 03:00.
    select date_bin(
        make_interval(secs => i.interval_ms::double precision / 1000),
        plumb.current_time(),
        case
            when i.interval_ms = 86400000 then timestamptz '2000-01-01 03:00+00'
            else timestamptz '2000-01-01 00:00+00'
        end
    ) + make_interval(secs => i.interval_ms::double precision / 1000) as next_run_at
) as n;
comment on view plumb.cron_status is
'Each job with its last run, result, next run, and whether it is overdue (is_stale).';
comment on column plumb.cron_status.duration_ms is 'Length of the last run in milliseconds.';
comment on column plumb.cron_status.status is
'ok, running, failed, stale, waiting (never ran yet), disabled, or unscheduled (no pg_cron).';
