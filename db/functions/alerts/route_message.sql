-- Decides for one message and one destination whether it goes out, waits, or is not needed, and
-- writes down why.
create or replace function plumb.route_message(p_message_id bigint, p_destination text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_message plumb.outbox;
    v_incident plumb.incidents;
    v_kind text;
    v_action text;
    v_source text;
    v_is_live boolean;
    v_is_kept_back boolean;
    v_status text := 'queued';
    v_reason text := '';
begin
    select o.* into v_message from plumb.outbox as o where o.message_id = p_message_id;
    select d.kind into v_kind from plumb.destinations as d where d.destination = p_destination;
    select i.* into v_incident
    from plumb.incidents as i
    where i.incident_id = v_message.incident_id;
    v_action := plumb.delivery_action(v_kind, v_message.topic);
    if v_action is null then
        return;
    end if;
    v_source := coalesce(v_incident.source, split_part(v_message.topic, '.', 1));

    if v_action = 'resolve' or v_message.topic = 'heartbeat' then
        -- What healed while the pager could not be reached pages no more, and only
        -- the newest heartbeat says anything.
        update plumb.deliveries as d
        set
            status = 'skipped',
            reason = case v_action
                when 'resolve' then 'over before it was sent'
                else 'a newer heartbeat took its place'
            end,
            finished_at = v_now
        where
            d.dedup_key = v_message.dedup_key
            and d.destination = p_destination
            and (
                d.status = 'held'
                or (
                    d.status = 'queued'
                    and (
                        v_action = 'note'
                        or (v_kind = 'pagerduty' and d.attempt_count = 0 and v_source <> 'test')
                    )
                )
            );
    end if;

    -- Has this receiver an open alert under this key, or one that it did not get?
    select
        coalesce(bool_or(d.status in ('queued', 'sending', 'delivered', 'dead')), false),
        coalesce(bool_or(d.status in ('held', 'skipped')), false)
    into v_is_live, v_is_kept_back
    from plumb.deliveries as d
    where
        d.dedup_key = v_message.dedup_key
        and d.destination = p_destination
        and d.action = 'trigger'
        -- Not max(): it would walk the primary key backwards through the whole queue.
        and not exists (
            select from plumb.deliveries as r
            where
                r.dedup_key = d.dedup_key
                and r.destination = d.destination
                and r.delivery_id > d.delivery_id
                and r.action = 'resolve'
                and r.status in ('queued', 'sending', 'delivered', 'dead')
        );

    if
        v_kind = 'pagerduty'
        and v_message.topic in ('incident.unacknowledged', 'incident.priority_raised')
        and v_incident.status <> 'ESCALATED'
        and not v_is_live
        and v_incident.priority
        <> all(string_to_array(plumb.setting('page_on_open_priorities'), ','))
    then
        -- It has not paged before, and this is no reason to begin.
        return;
    elsif v_action = 'trigger' and v_incident.incident_id is not null then
        v_reason := plumb.mute_reason(v_incident.incident_id);
        if v_reason is not null then
            v_status := 'held';
        elsif v_kind = 'pagerduty' and v_incident.acknowledged_at is not null then
            v_status := 'skipped';
            v_reason := format('%s has acknowledged it', v_incident.acknowledged_by);
        elsif not plumb.admit_alert(v_source, p_destination) then
            v_status := 'skipped';
            v_reason := format('flood of %s: one summary stands in', v_source);
        end if;
    elsif
        v_action <> 'trigger'
        and not v_is_live
        and (v_kind = 'pagerduty' or v_is_kept_back)
    then
        v_status := 'skipped';
        v_reason := 'it never got the beginning';
    end if;

    insert into plumb.deliveries (
        message_id,
        destination,
        action,
        source,
        dedup_key,
        status,
        reason,
        next_attempt_at,
        created_at,
        queued_at,
        finished_at
    )
    values (
        p_message_id,
        p_destination,
        v_action,
        v_source,
        v_message.dedup_key,
        v_status,
        coalesce(v_reason, ''),
        v_now,
        v_now,
        case v_status when 'queued' then v_now end,
        case v_status when 'skipped' then v_now end
    );
end;
$$;
comment on function plumb.route_message(bigint, text) is
'Make the delivery of one message to one destination.';
