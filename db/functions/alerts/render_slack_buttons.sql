-- Renders a message with a button, for destinations that may send acknowledgements back. A section
-- takes 3,000 characters; what is cut never ends inside of an escaped character.
create or replace function plumb.render_slack_buttons(p_message_id bigint, p_text text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object('blocks', jsonb_build_array(
        jsonb_build_object('type', 'section', 'text', jsonb_build_object(
            'type', 'mrkdwn',
            'text', regexp_replace(left(p_text, 3000), '&[a-z]*$', '')
        )),
        jsonb_build_object('type', 'actions', 'elements', jsonb_build_array(
            jsonb_build_object(
                'type', 'button',
                'action_id', 'acknowledge',
                'value', plumb.alert_key(o.dedup_key),
                'text', jsonb_build_object('type', 'plain_text', 'text', 'Acknowledge')
            )
        ))
    ))
    from plumb.outbox as o
    inner join plumb.incidents as i on i.incident_id = o.incident_id
    where
        o.message_id = p_message_id
        and i.is_open
        and i.acknowledged_at is null
        and plumb.delivery_action('slack', o.topic) = 'trigger'
$$;
comment on function plumb.render_slack_buttons(bigint, text) is
'The blocks of a message with a button that acknowledges; null where there is nothing to do.';
