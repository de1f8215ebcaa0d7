-- Returns a destination as JSON for the HTTP service, without address or key.
create or replace function plumb.describe_destination(p_destination text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'destination', s.destination,
        'kind', s.kind,
        'status', s.status,
        'topics', to_jsonb(s.topics),
        'priorities', to_jsonb(s.priorities),
        'queued', s.queued_count,
        'held', s.held_count,
        'dead', s.dead_count,
        'oldestQueuedAt', s.oldest_queued_at,
        'failures', s.failure_count,
        'pausedUntil', s.paused_until,
        'lastSuccessAt', s.last_success_at,
        'lastError', s.last_error,
        'description', s.description
    )
    from plumb.destination_status as s
    where s.destination = p_destination
$$;
comment on function plumb.describe_destination(text) is
'A destination as JSON with camelCase names; null when it does not exist.';
grant execute on function plumb.describe_destination(text) to plumb_reader;
