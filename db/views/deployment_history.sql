-- Lists the deployments: when each was applied, whether it was kept, and why not.
create view plumb.deployment_history as
select
    d.deployment_id,
    d.name,
    d.status,
    d.reason,
    d.started_at,
    date_trunc('second', coalesce(d.finished_at, plumb.current_time()) - d.started_at) as duration,
    d.applied_at,
    d.finished_at,
    (
        select string_agg(n.gate, ', ' order by n.deployment_gate_id)
        from (
            select distinct on (g.gate) g.gate, g.status, g.deployment_gate_id
            from plumb.deployment_gates as g
            where g.deployment_id = d.deployment_id
            order by g.gate asc, g.deployment_gate_id desc
        ) as n
        where n.status <> 'pass'
    ) as gates_not_passed,
    round(d.baseline_p95_ms::numeric, 1) as baseline_p95_ms,
    round(d.baseline_error_rate * 100, 3) as baseline_error_percent,
    s.sample_count,
    round(s.p95_ms::numeric, 1) as highest_p95_ms,
    round(s.error_rate * 100, 3) as highest_error_percent,
    d.started_by,
    d.host
from plumb.deployments as d
left join lateral (
    select count(*) as sample_count, max(o.p95_ms) as p95_ms, max(o.error_rate) as error_rate
    from plumb.deployment_samples as o
    where o.deployment_id = d.deployment_id and o.error = ''
) as s on true
order by d.deployment_id desc;
comment on view plumb.deployment_history is 'Every deployment, newest first: how it ended and why.';
comment on column plumb.deployment_history.deployment_id is 'Its number.';
comment on column plumb.deployment_history.name is 'The name of the release.';
comment on column plumb.deployment_history.status is
'succeeded, refused, rolled_back or another status; see plumb.deployments.';
comment on column plumb.deployment_history.reason is 'Why, in words.';
comment on column plumb.deployment_history.started_at is 'When it began.';
comment on column plumb.deployment_history.duration is 'How long it took until its end.';
comment on column plumb.deployment_history.applied_at is 'When the release was applied.';
comment on column plumb.deployment_history.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.deployment_history.gates_not_passed is 'The gates that did not pass.';
comment on column plumb.deployment_history.baseline_p95_ms is
'p95 latency before the release, in milliseconds.';
comment on column plumb.deployment_history.baseline_error_percent is
'Failed requests before the release, in percent.';
comment on column plumb.deployment_history.sample_count is 'How many samples were taken after it.';
comment on column plumb.deployment_history.highest_p95_ms is
'The highest p95 latency after it, in milliseconds.';
comment on column plumb.deployment_history.highest_error_percent is
'The highest share of failed requests after it, in percent.';
comment on column plumb.deployment_history.started_by is 'Who started it.';
comment on column plumb.deployment_history.host is 'The host on which it was started.';
