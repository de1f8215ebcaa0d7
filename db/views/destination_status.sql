-- Whether each receiver is being told, and what waits for it.
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
                    and o.last_seen_at > plumb.current_time() - interval '2 minutes'
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
comment on column plumb.destination_status.status is
'ok, failing, throttled, circuit open, circuit half open, dead letters, disabled, not connected,
or off: the server has no plpython3u and no `plumb dispatch` was seen for two minutes.';
