-- Returns what a topic means to a receiver that keeps alerts open and closes them. Null: this kind
-- of receiver gets no message. PagerDuty and Alertmanager have no action below a trigger, and
-- Alertmanager knows no acknowledgement.
create or replace function plumb.delivery_action(p_kind text, p_topic text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_topic in (
            'incident.opened', 'incident.reopened', 'incident.escalated',
            'safe_mode.engaged', 'flood.started', 'test.triggered'
        ) then 'trigger'
        when
            p_topic in ('incident.unacknowledged', 'incident.priority_raised')
            and p_kind in ('pagerduty', 'alertmanager') then 'trigger'
        when p_topic = 'incident.acknowledged' and p_kind <> 'alertmanager' then 'acknowledge'
        when p_topic in (
            'incident.resolved', 'incident.closed',
            'safe_mode.disengaged', 'flood.ended', 'test.resolved'
        ) then 'resolve'
        when p_kind not in ('pagerduty', 'alertmanager') then 'note'
    end
$$;
comment on function plumb.delivery_action(text, text) is
'trigger, acknowledge, resolve or note; null when this kind of receiver has no use for it.';
