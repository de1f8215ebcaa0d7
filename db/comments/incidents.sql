-- Says what the tables of engine incidents and their columns hold, for \d+ and docs/reference.

comment on table plumb.incident_events is 'The timeline: every change of every incident.';
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
comment on column plumb.incident_events.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';

comment on table plumb.incidents is 'One row for each problem, however many rows are wrong.';
comment on column plumb.incidents.incident_id is 'Its number.';
comment on column plumb.incidents.source is 'The engine that found it, such as invariant.';
comment on column plumb.incidents.scope is 'What it concerns, such as NO_NEGATIVE_STOCK.';
comment on column plumb.incidents.priority is 'P1 (most urgent) to P4.';
comment on column plumb.incidents.status is 'OPEN, AUTO_HEALING, ESCALATED, RESOLVED or CLOSED.';
comment on column plumb.incidents.title is 'One line that says what is wrong.';
comment on column plumb.incidents.description is 'What it is, in words.';
comment on column plumb.incidents.runbook_url is 'Where its runbook is.';
comment on column plumb.incidents.attempts is
'Cycles that found it again after it was opened, each a chance to heal.';
comment on column plumb.incidents.occurrence_count is
'How much is wrong now, such as the number of violations.';
comment on column plumb.incidents.flap_count is 'How often it reopened soon after it was resolved.';
comment on column plumb.incidents.auto_healed is
'Whether the problem ended by itself or by auto-correct.';
comment on column plumb.incidents.snapshot is
'Evidence taken when it opened: the violating rows (capped), blame, activity, locks, jobs.';
comment on column plumb.incidents.first_opened_at is 'When it opened for the first time.';
comment on column plumb.incidents.opened_at is
'When it opened or, after it cleared and came back within the flap window, reopened.';
comment on column plumb.incidents.last_seen_at is 'When a check last found its problem.';
comment on column plumb.incidents.escalated_at is 'When it was escalated.';
comment on column plumb.incidents.acknowledged_at is 'When a person acknowledged it.';
comment on column plumb.incidents.acknowledged_by is 'Who acknowledged it.';
comment on column plumb.incidents.silenced_until is 'Its alerts are held until then.';
comment on column plumb.incidents.resolved_at is 'When its problem was gone.';
comment on column plumb.incidents.closed_at is 'When a person closed it.';
comment on column plumb.incidents.closed_by is 'Who closed it.';
comment on column plumb.incidents.close_reason is 'Why it was closed.';
comment on column plumb.incidents.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.incidents.is_open is
'Whether its problem still needs healing: OPEN, AUTO_HEALING or ESCALATED.';
comment on column plumb.incidents.earlier_snapshots is
'The evidence from before it reopened, newest first; each as in snapshot.';

comment on table plumb.outbox is
'Messages for destinations, written in the transaction of what they report.';
comment on column plumb.outbox.message_id is 'Its number.';
comment on column plumb.outbox.topic is
'incident.opened, incident.escalated, incident.resolved and so on.';
comment on column plumb.outbox.incident_id is 'The incident it belongs to.';
comment on column plumb.outbox.dedup_key is 'The same for every message about one incident.';
comment on column plumb.outbox.payload is 'The message, as JSON.';
comment on column plumb.outbox.created_at is 'When it was created.';
comment on column plumb.outbox.routed_at is
'When its deliveries were made; null until the dispatcher has seen it.';
