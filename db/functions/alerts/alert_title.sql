-- Returns what happened in one line, for every kind of message.
create or replace function plumb.alert_title(p_topic text, p_payload jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        nullif(p_payload ->> 'summary', ''),
        nullif(p_payload ->> 'title', ''),
        case p_topic
            when 'safe_mode.engaged' then format(
                'writes are refused: %s (%s)', p_payload ->> 'reason', p_payload ->> 'enabledBy'
            )
            when 'safe_mode.disengaged' then format(
                'writes are allowed again (%s)', p_payload ->> 'disabledBy'
            )
            when 'report.executive' then 'Executive report: ' || (p_payload ->> 'headline')
            when 'heartbeat' then format(
                'alive; health %s', coalesce(p_payload ->> 'healthScore', 'unknown')
            )
        end,
        p_topic
    )
$$;
comment on function plumb.alert_title(text, jsonb) is 'One line that says what a message is about.';
grant execute on function plumb.alert_title(text, jsonb) to plumb_reader;
