-- Renders a message for Alertmanager's API v2. Alertmanager identifies an alert by its labels, so
-- that a raised priority ends the alert with the old severity and begins one with the new; it ends
-- when we say so, and not when Alertmanager has not heard of it for five minutes.
create or replace function plumb.render_alertmanager(
    p_message_id bigint, p_destination text, p_action text
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_agg(
        jsonb_strip_nulls(jsonb_build_object(
            'labels', jsonb_build_object(
                'alertname', coalesce(o.payload ->> 'source', split_part(o.topic, '.', 1)),
                'scope', coalesce(o.payload ->> 'scope', ''),
                'severity', s.severity,
                'database', current_database(),
                'alert_key', o.dedup_key
            ),
            'annotations', jsonb_build_object(
                'summary', left(plumb.alert_title(o.topic, o.payload), 1024),
                'description', array_to_string(plumb.alert_lines(o.message_id), E'\n'),
                'runbook_url', coalesce(
                    (
                        select l.href from plumb.alert_links(o.payload) as l
                        where l.label = 'runbook'
                    ),
                    o.payload ->> 'runbookUrl'
                )
            ),
            'startsAt', coalesce((o.payload ->> 'openedAt')::timestamptz, o.created_at),
            'endsAt', case
                when p_action = 'trigger' and s.is_current
                    then o.created_at + interval '30 days'
                else o.created_at
            end,
            'generatorURL', (
                select l.href from plumb.alert_links(o.payload) as l where l.label = 'incident'
            )
        ))
        order by s.severity
    )
    from plumb.outbox as o
    cross join lateral (
        select v.severity, bool_or(v.is_current) as is_current
        from (
            select plumb.alert_severity(o.payload ->> 'priority') as severity, true as is_current
            union all
            select plumb.alert_severity(b.payload ->> 'priority'), false
            from plumb.deliveries as d
            inner join plumb.outbox as b on b.message_id = d.message_id
            where
                d.dedup_key = o.dedup_key
                and d.destination = p_destination
                and d.action = 'trigger'
                and d.status = 'delivered'
        ) as v
        group by v.severity
    ) as s
    where o.message_id = p_message_id
$$;
comment on function plumb.render_alertmanager(bigint, text, text) is
'A message as the alerts that Alertmanager receives.';
