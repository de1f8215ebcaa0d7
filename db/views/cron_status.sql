-- Lists the state of every job. Staleness is judged here, by the clock of the session that asks: a
-- scheduler that died cannot report it. Materialized, so that an interval is cast after its setting
-- is joined: not every setting is a number. The clock is read once for all jobs.
create view plumb.cron_status as
with clock as materialized (
    select plumb.current_time() as now
),

seen as materialized (
    select
        j.*,
        trim_scale(coalesce(c.value, c.default_value)::numeric / 1000) as interval_seconds,
        c.updated_at,
        l.started_at,
        l.finished_at,
        l.result,
        l.message,
        l.started_by,
        n.now
    from plumb.jobs as j
    cross join clock as n
    inner join plumb.settings as c on c.name = j.interval_setting
    left join lateral (
        select r.started_at, r.finished_at, r.result, r.message, r.started_by
        from plumb.job_runs as r
        where r.job_name = j.job_name
        order by r.job_run_id desc nulls last
        limit 1
    ) as l on true
),

judged as (
    select
        s.*,
        i.run_interval,
        -- As plumb.is_recent() says. A changed interval counts from its change.
        s.is_enabled
        and (s.started_at between i.seen_from and i.seen_until) is not true
        and (s.updated_at between i.seen_from and i.seen_until) is not true
            as is_stale
    from seen as s
    cross join lateral (
        select
            r.run_interval,
            -- As plumb.staleness_limit() says, whose setting was read already.
            s.now - (2 * r.run_interval + interval '1 minute') as seen_from,
            s.now + interval '1 minute' as seen_until
        from (
            select make_interval(secs => s.interval_seconds::double precision) as run_interval
        ) as r
    ) as i
)

select
    j.job_name,
    j.started_at as last_run_at,
    round(extract(epoch from j.finished_at - j.started_at) * 1000)::bigint as duration_ms,
    j.result,
    j.message,
    case
        when
            j.is_enabled
            and (j.schedule is not null or j.started_at is not null and not j.is_stale)
            then j.run_interval + plumb.latest_due_at(j.run_interval, j.now)
    end as next_run_at,
    case
        when not j.is_enabled then 'disabled'
        when j.schedule is null and (j.started_at is null or j.is_stale) then 'unscheduled'
        when j.is_stale then 'stale'
        when j.started_at is null then 'waiting'
        when j.result = 'failed' then 'failed'
        when j.result = 'running' then 'running'
        else 'ok'
    end as status,
    j.is_stale,
    j.interval_seconds,
    j.schedule,
    j.description,
    j.started_by,
    j.is_enabled
from judged as j;
comment on view plumb.cron_status is
'Each job with its last run, result, next run, and whether it is overdue (is_stale).';
comment on column plumb.cron_status.job_name is 'The name of the job.';
comment on column plumb.cron_status.last_run_at is 'When the newest run began.';
comment on column plumb.cron_status.result is 'running, succeeded or failed.';
comment on column plumb.cron_status.message is 'What it reported.';
comment on column plumb.cron_status.next_run_at is
'When it is to run next; null when nothing runs it.';
comment on column plumb.cron_status.is_stale is
'Whether it is overdue by more than one interval and a minute.';
comment on column plumb.cron_status.interval_seconds is 'How often it runs, in seconds.';
comment on column plumb.cron_status.schedule is
'The schedule in pg_cron''s notation; null when nothing schedules it.';
comment on column plumb.cron_status.description is 'What it is, in words.';
comment on column plumb.cron_status.duration_ms is 'Length of the last run in milliseconds.';
comment on column plumb.cron_status.status is
'ok, running, failed, stale, waiting (never ran yet), disabled, or unscheduled (no scheduler).';
comment on column plumb.cron_status.started_by is
'What started the newest run: the application_name of its session, such as pg_cron.';
comment on column plumb.cron_status.is_enabled is 'Whether it runs by itself.';
