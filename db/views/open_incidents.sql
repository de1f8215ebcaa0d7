-- Lists the open incidents, most urgent first.
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
where i.is_open
order by i.priority, i.opened_at;
comment on view plumb.open_incidents is 'Open incidents, most urgent first.';
comment on column plumb.open_incidents.incident_id is 'Its number.';
comment on column plumb.open_incidents.priority is 'P1 (most urgent) to P4.';
comment on column plumb.open_incidents.status is 'OPEN, AUTO_HEALING or ESCALATED.';
comment on column plumb.open_incidents.title is 'One line that says what is wrong.';
comment on column plumb.open_incidents.source is
'Which part of Plumbline, or which reporter, it comes from.';
comment on column plumb.open_incidents.scope is
'What it is about, such as the name of an invariant.';
comment on column plumb.open_incidents.occurrence_count is
'How many violations or findings the newest check saw.';
comment on column plumb.open_incidents.attempts is 'How many checks found it again.';
comment on column plumb.open_incidents.opened_at is 'When it opened, or reopened.';
comment on column plumb.open_incidents.age is 'How long it is open.';
comment on column plumb.open_incidents.acknowledged_by is 'Who acknowledged it.';
comment on column plumb.open_incidents.silenced_until is 'Its alerts are held until then.';
comment on column plumb.open_incidents.runbook_url is 'Where its runbook is.';
