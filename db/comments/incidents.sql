-- What each column of the tables of engine incidents means, for \d+ and for docs/reference.

comment on column plumb.incident_events.incident_event_id is 'Its number.';
comment on column plumb.incident_events.incident_id is 'The incident it belongs to.';
comment on column plumb.incident_events.event is 'What happened.';
comment on column plumb.incident_events.from_status is
'The status before; null when it did not change.';
comment on column plumb.incident_events.to_status is
'The status after; null when it did not change.';
comment on column plumb.incident_events.actor is 'Who did it.';
comment on column plumb.incident_events.note is 'What was noted.';
comment on column plumb.incident_events.occurred_at is 'When it happened.';

comment on column plumb.incidents.incident_id is 'Its number.';
comment on column plumb.incidents.priority is 'P1 (most urgent) to P4.';
comment on column plumb.incidents.status is 'OPEN, AUTO_HEALING, ESCALATED, RESOLVED or CLOSED.';
comment on column plumb.incidents.title is 'One line that says what is wrong.';
comment on column plumb.incidents.description is 'What it is, in words.';
comment on column plumb.incidents.runbook_url is 'Where its runbook is.';
comment on column plumb.incidents.flap_count is 'How often it reopened soon after it was resolved.';
comment on column plumb.incidents.earlier_snapshots is
'The evidence from before it reopened, newest first; each as in snapshot.';
comment on column plumb.incidents.first_opened_at is 'When it opened for the first time.';
comment on column plumb.incidents.last_seen_at is 'When a check last found its problem.';
comment on column plumb.incidents.escalated_at is 'When it was escalated.';
comment on column plumb.incidents.acknowledged_at is 'When a person acknowledged it.';
comment on column plumb.incidents.acknowledged_by is 'Who acknowledged it.';
comment on column plumb.incidents.silenced_until is 'Its alerts are held until then.';
comment on column plumb.incidents.resolved_at is 'When its problem was gone.';
comment on column plumb.incidents.closed_at is 'When a person closed it.';
comment on column plumb.incidents.closed_by is 'Who closed it.';
comment on column plumb.incidents.close_reason is 'Why it was closed.';

comment on column plumb.outbox.message_id is 'Its number.';
comment on column plumb.outbox.incident_id is 'The incident it belongs to.';
comment on column plumb.outbox.payload is 'The message, as JSON.';
comment on column plumb.outbox.created_at is 'When it was created.';
