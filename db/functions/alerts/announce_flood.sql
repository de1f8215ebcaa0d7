-- Queues one message that announces a flood of alerts and stands for those that are held back.
create or replace function plumb.announce_flood(p_flood_id bigint, p_topic text)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.outbox (topic, dedup_key, payload, created_at)
    select
        p_topic,
        format('plumb:flood:%s:%s', left(f.source, 200), f.flood_id),
        jsonb_build_object(
            'source', f.source,
            'scope', 'alerts',
            'priority', 'P2',
            'title', case f.ended_at is null
                when true then format('%s raises more alerts than its cap', f.source)
                else format('%s no longer raises more alerts than its cap', f.source)
            end,
            'alertsMax', plumb.setting_number('flood_alerts_max'),
            'windowSeconds', plumb.setting_number('flood_window_seconds'),
            'suppressedCount', f.suppressed_count,
            'startedAt', f.started_at,
            'endedAt', f.ended_at,
            'openIncidentCount', (
                select count(*)
                from plumb.incidents as i
                where i.source = f.source and i.is_open
            ),
            'mostUrgent', (
                select coalesce(jsonb_agg(m.title), '[]')
                from (
                    select i.priority || ' ' || i.title as title
                    from plumb.incidents as i
                    where i.source = f.source and i.is_open
                    order by i.priority, i.opened_at
                    limit 10
                ) as m
            ),
            'runbookUrl', plumb.setting('runbook_base_url') || 'alert-flood.md'
        ),
        plumb.current_time()
    from plumb.floods as f
    where f.flood_id = p_flood_id
$$;
comment on function plumb.announce_flood(bigint, text) is
'Write flood.started or flood.ended to the outbox.';
