-- Turns each new message of the outbox into one delivery per destination that wants it, in the
-- order in which things happened. One router at a time: a resolve must see its trigger.
create or replace function plumb.route_messages()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message record;
    v_count bigint := 0;
begin
    perform from plumb.locks as l where l.name = 'route alerts' for update skip locked;
    if not found then
        return 0;
    end if;
    -- A loop, because what becomes of a message depends on what became of the one before.
    for v_message in
        select o.message_id, o.topic
        from plumb.outbox as o
        where o.routed_at is null
        order by o.message_id
        limit plumb.setting_number('route_batch_max')::integer
    loop
        perform plumb.route_message(v_message.message_id, d.destination)
        from plumb.destinations as d
        inner join plumb.destination_secrets as s on s.destination = d.destination
        inner join plumb.outbox as o on o.message_id = v_message.message_id
        where
            d.is_enabled
            and (
                v_message.topic like any(d.topics)
                or (
                    d.kind = 'pagerduty'
                    and v_message.topic in ('incident.opened', 'incident.priority_raised')
                    and o.payload ->> 'priority'
                    = any(string_to_array(plumb.setting('page_on_open_priorities'), ','))
                )
            )
            and coalesce(o.payload ->> 'priority' = any(d.priorities), true)
        order by d.destination;
        update plumb.outbox as o
        set routed_at = plumb.current_time()
        where o.message_id = v_message.message_id;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.route_messages() is
'Make the deliveries of new outbox messages; returns how many messages were routed.';
