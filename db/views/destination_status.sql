-- Lists whether each destination can be reached, and how many deliveries wait for it.
create view plumb.destination_status as
select
    d.destination,
    d.kind,
    case
        when not c.is_connected then 'not connected'
        when not d.is_enabled then 'disabled'
        when not s.is_sent then 'off'
        when d.circuit_open_count > 0 and d.paused_until > plumb.current_time() then 'circuit open'
        when d.circuit_open_count > 0 then 'circuit half open'
        when d.paused_until > plumb.current_time() then 'throttled'
        when d.failure_count > 0 then 'failing'
        when w.dead_count > 0 then 'dead letters'
        else 'ok'
    end as status,
    w.queued_count,
    w.held_count,
    w.dead_count,
    w.oldest_queued_at,
    d.failure_count,
    d.paused_until,
    d.last_attempt_at,
    d.last_success_at,
    d.last_error,
    d.topics,
    d.priorities,
    d.description
from plumb.destinations as d
cross join
    lateral (
        select exists(
            select from plumb.connected_destinations() as k (destination)
            where k.destination = d.destination
        ) as is_connected
    ) as c
cross join
    lateral (
        select
            to_regproc('plumb.py_post') is not null
            or exists (
                select from plumb.dispatchers as o
                where
                    o.dispatcher = 'outside'
                    and plumb.is_recent(o.last_seen_at, interval '2 minutes')
            ) as is_sent
    ) as s
cross join lateral (
    select
        count(*) filter (where q.status in ('queued', 'sending')) as queued_count,
        count(*) filter (where q.status = 'held') as held_count,
        count(*) filter (where q.status = 'dead') as dead_count,
        min(q.queued_at) filter (where q.status in ('queued', 'sending')) as oldest_queued_at
    from plumb.deliveries as q
    where q.destination = d.destination and q.status in ('queued', 'sending', 'held', 'dead')
) as w;
comment on view plumb.destination_status is
'Each destination: status, what waits, what died, and how its last attempts went.';
comment on column plumb.destination_status.destination is 'The name of the destination.';
comment on column plumb.destination_status.kind is 'pagerduty, slack or webhook.';
comment on column plumb.destination_status.queued_count is 'Deliveries that wait.';
comment on column plumb.destination_status.held_count is 'Deliveries held by a silence.';
comment on column plumb.destination_status.dead_count is 'Deliveries that were given up.';
comment on column plumb.destination_status.oldest_queued_at is
'When the oldest waiting delivery was created.';
comment on column plumb.destination_status.failure_count is 'Failures in a row.';
comment on column plumb.destination_status.paused_until is 'Nothing is sent before this moment.';
comment on column plumb.destination_status.last_attempt_at is 'When a delivery was last tried.';
comment on column plumb.destination_status.last_success_at is 'When a delivery last succeeded.';
comment on column plumb.destination_status.last_error is 'The newest error message.';
comment on column plumb.destination_status.topics is
'Which topics it wants, as LIKE patterns; null means the default.';
comment on column plumb.destination_status.priorities is
'Which priorities it applies to; null means all.';
comment on column plumb.destination_status.description is 'What it is, in words.';
comment on column plumb.destination_status.status is
'ok, failing, throttled, circuit open, circuit half open, dead letters, disabled, not connected,
or off: the server has no plpython3u and no `plumb dispatch` was seen for two minutes.';
