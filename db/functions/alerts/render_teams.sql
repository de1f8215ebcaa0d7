-- Renders a message as the adaptive card that a workflow of Teams posts to its channel
-- (learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors): up to 28 KB.
create or replace function plumb.render_teams(p_message_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_build_object(
        'type', 'message',
        'attachments', jsonb_build_array(jsonb_build_object(
            'contentType', 'application/vnd.microsoft.card.adaptive',
            'content', jsonb_build_object(
                '$schema', 'http://adaptivecards.io/schemas/adaptive-card.json',
                'type', 'AdaptiveCard',
                'version', '1.4',
                'body', (
                    select jsonb_agg(
                        jsonb_build_object('type', 'TextBlock', 'wrap', true, 'text', b.line)
                        || case
                            when b.place = 1
                                then jsonb_build_object('weight', 'Bolder', 'size', 'Medium')
                            else '{}'
                        end
                        order by b.place
                    )
                    from unnest(
                        array[
                            plumb.alert_headline(o.topic, o.payload),
                            left(plumb.alert_title(o.topic, o.payload), 500)
                        ]
                        || plumb.alert_lines(o.message_id)
                        || format(
                            '%s, %s',
                            current_database(),
                            to_char(o.created_at, 'YYYY-MM-DD HH24:MI:SS "UTC"')
                        )
                    ) with ordinality as b (line, place)
                ),
                'actions', (
                    select coalesce(
                        jsonb_agg(
                            jsonb_build_object(
                                'type', 'Action.OpenUrl',
                                'title', upper(left(l.label, 1)) || substr(l.label, 2),
                                'url', l.href
                            )
                            order by l.label
                        ),
                        '[]'
                    )
                    from plumb.alert_links(o.payload) as l
                )
            )
        ))
    )
    from plumb.outbox as o
    where o.message_id = p_message_id
$$;
comment on function plumb.render_teams(bigint) is 'A message as the JSON that Teams receives.';
