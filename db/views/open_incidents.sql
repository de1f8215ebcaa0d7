-- What is wrong now, most urgent first.
create view plumb.open_incidents as
select
    i.incident_id,
    i.priority,
    i.status,
    i.title,
    i.source,
    i.scope,
    i.occurrence_count,
    i.attempts,
    i.opened_at,
    date_trunc('second', plumb.current_time() - i.opened_at) as age,
    i.acknowledged_by,
    i.silenced_until,
    i.runbook_url
from plumb.incidents as i
where i.status in ('OPEN', 'AUTO_HEALING', 'ESCALATED')
order by i.priority, i.opened_at;
comment on view plumb.open_incidents is 'Open incidents, most urgent first.';
