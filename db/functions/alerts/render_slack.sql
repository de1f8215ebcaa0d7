-- Renders a message in Slack's mrkdwn: incoming webhooks can choose neither channel nor name, and
-- the three characters that Slack reads as markup are escaped.
create or replace function plumb.render_slack(p_message_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_build_object('text', concat_ws(
        e'\n',
        format('*%s* %s', m.headline, m.title),
        nullif(m.lines, ''),
        format('`%s` · %s', current_database(), m.created_at),
        (
            select string_agg(format('<%s|%s>', l.href, l.label), ' · ' order by l.label)
            from plumb.alert_links(o.payload) as l
        )
    ))
    from plumb.outbox as o
    cross join lateral (
        select
            plumb.escape_slack(plumb.alert_headline(o.topic, o.payload)) as headline,
            plumb.escape_slack(left(plumb.alert_title(o.topic, o.payload), 500)) as title,
            plumb.escape_slack(array_to_string(plumb.alert_lines(o.message_id), E'\n')) as lines,
            to_char(o.created_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
    ) as m
    where o.message_id = p_message_id
$$;
comment on function plumb.render_slack(bigint) is 'A message as the JSON that Slack receives.';
