-- Returns a delivery as JSON for the HTTP service, without address or key.
create or replace function plumb.describe_delivery(p_delivery_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'deliveryId', d.delivery_id,
        'messageId', d.message_id,
        'topic', o.topic,
        'incidentId', o.incident_id,
        'destination', d.destination,
        'action', d.action,
        'status', d.status,
        'reason', d.reason,
        'attempts', d.attempt_count,
        'nextAttemptAt', case d.status when 'queued' then d.next_attempt_at end,
        'lastStatusCode', d.last_status_code,
        'lastError', d.last_error,
        'createdAt', d.created_at,
        'finishedAt', d.finished_at
    )
    from plumb.deliveries as d
    inner join plumb.outbox as o on o.message_id = d.message_id
    where d.delivery_id = p_delivery_id
$$;
comment on function plumb.describe_delivery(bigint) is
'A delivery as JSON with camelCase names; null when it does not exist.';
grant execute on function plumb.describe_delivery(bigint) to plumb_reader;
