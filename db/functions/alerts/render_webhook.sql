-- Renders a message as the JSON that both webhooks receive; docs/alerts.md describes its shape.
create or replace function plumb.render_webhook(p_message_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_build_object(
        'version', 1,
        'messageId', o.message_id,
        'topic', o.topic,
        'dedupKey', o.dedup_key,
        'database', current_database(),
        'createdAt', o.created_at,
        'data', o.payload
    )
    from plumb.outbox as o
    where o.message_id = p_message_id
$$;
comment on function plumb.render_webhook(bigint) is 'A message as the JSON that webhooks receive.';
