-- Says what the tables of engine alerts and their columns hold, for \d+ and docs/reference.

comment on table plumb.deliveries is 'One row for each message and destination, with its status.';
comment on column plumb.deliveries.delivery_id is 'Its number.';
comment on column plumb.deliveries.message_id is 'The message that it delivers.';
comment on column plumb.deliveries.destination is 'The name of the destination.';
comment on column plumb.deliveries.action is 'trigger, acknowledge, resolve or note.';
comment on column plumb.deliveries.source is
'Which part of Plumbline, or which reporter, it comes from.';
comment on column plumb.deliveries.dedup_key is
'The key by which the destination recognizes the same alert.';
comment on column plumb.deliveries.status is
'queued; held (silenced: sent if the problem outlasts the silence); sending; delivered; skipped
(reason says why it was not needed); dead (given up: plumb.resend_delivery() queues it again).';
comment on column plumb.deliveries.reason is 'Why it is held, dropped or dead.';
comment on column plumb.deliveries.attempt_count is 'How often it was tried.';
comment on column plumb.deliveries.next_attempt_at is 'When it is tried next.';
comment on column plumb.deliveries.claim_id is
'Changes with every claim, so that a dispatcher that lost its claim cannot overwrite the result of
another.';
comment on column plumb.deliveries.claimed_by_pid is 'The server process that sends it now.';
comment on column plumb.deliveries.claimed_at is 'When that process took it.';
comment on column plumb.deliveries.last_status_code is 'The HTTP status of the newest answer.';
comment on column plumb.deliveries.last_error is 'The newest error message.';
comment on column plumb.deliveries.created_at is 'When it was created.';
comment on column plumb.deliveries.queued_at is
'When it was first free to go: at once, or when its silence ended, or when it was sent again.';
comment on column plumb.deliveries.finished_at is 'When it ended; null while it goes on.';

comment on table plumb.destination_secrets is
'Addresses and keys of the destinations; readable by plumb_owner only.';
comment on column plumb.destination_secrets.destination is 'The name of the destination.';
comment on column plumb.destination_secrets.url is 'The address that alerts are sent to.';
comment on column plumb.destination_secrets.secret is
'PagerDuty: the routing key. Webhook: the key of the signature. Slack: unused, its URL is it.';
comment on column plumb.destination_secrets.updated_at is 'When it was set.';
comment on column plumb.destination_secrets.webhook_secret is
'What its requests to POST /webhooks are signed with; empty when it sends none.';

comment on table plumb.destinations is
'The receivers of alerts, and which messages each gets. Addresses are secrets and stand in
destination_secrets.';
comment on column plumb.destinations.destination is 'The name of the destination.';
comment on column plumb.destinations.kind is 'pagerduty, slack or webhook.';
comment on column plumb.destinations.topics is 'LIKE patterns of the topics that it gets.';
comment on column plumb.destinations.priorities is
'The priorities that it gets; messages without one always pass.';
comment on column plumb.destinations.is_enabled is 'Whether it is in use.';
comment on column plumb.destinations.failure_count is
'Attempts that failed since the last one that succeeded.';
comment on column plumb.destinations.circuit_open_count is
'How often the circuit opened in a row; above 0 the circuit is open or being tried.';
comment on column plumb.destinations.paused_until is
'Nothing is sent before this: the circuit is open, or the receiver asked to wait.';
comment on column plumb.destinations.last_attempt_at is 'When a delivery was last tried.';
comment on column plumb.destinations.last_success_at is 'When a delivery last succeeded.';
comment on column plumb.destinations.last_error is 'The newest error message.';
comment on column plumb.destinations.description is 'What it is, in words.';

comment on table plumb.dispatchers is
'What sends alerts: the database''s own job, or ./plumb dispatch outside of it.';
comment on column plumb.dispatchers.dispatcher is
'database (the job) or outside (./plumb dispatch).';
comment on column plumb.dispatchers.last_seen_at is 'When it was last seen.';

comment on table plumb.floods is
'Times in which a source raised more alerts than its cap; one summary replaced the rest.';
comment on column plumb.floods.flood_id is 'Its number.';
comment on column plumb.floods.source is
'Which part of Plumbline, or which reporter, it comes from.';
comment on column plumb.floods.suppressed_count is 'How many alerts it stands for.';
comment on column plumb.floods.started_at is 'When it began.';
comment on column plumb.floods.last_suppressed_at is 'When an alert was last suppressed.';
comment on column plumb.floods.ended_at is 'When it ended; null while it goes on.';

comment on table plumb.inhibitions is
'While a parent incident is open, matching child incidents are held. All are LIKE patterns.';
comment on column plumb.inhibitions.inhibition_id is 'Its number.';
comment on column plumb.inhibitions.parent_source is
'LIKE pattern of the source that explains others.';
comment on column plumb.inhibitions.parent_scope is
'LIKE pattern of the scope that explains others.';
comment on column plumb.inhibitions.child_source is 'LIKE pattern of the source that is explained.';
comment on column plumb.inhibitions.child_scope is 'LIKE pattern of the scope that is explained.';
comment on column plumb.inhibitions.reason is 'Why, in words.';
comment on column plumb.inhibitions.created_by is 'Who created it.';
comment on column plumb.inhibitions.created_at is 'When it was created.';
comment on column plumb.inhibitions.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';

comment on table plumb.received_webhooks is
'Events that PagerDuty and Slack sent, so that none is carried out twice.';
comment on column plumb.received_webhooks.destination is 'The destination that sent it.';
comment on column plumb.received_webhooks.event_key is
'Its number at PagerDuty, or the digest of what was sent.';
comment on column plumb.received_webhooks.received_at is 'When it was received.';

comment on table plumb.silences is
'Times in which incidents are recorded and alert nobody. Source and scope are LIKE patterns.';
comment on column plumb.silences.silence_id is 'Its number, for plumb.end_silence().';
comment on column plumb.silences.kind is 'silence or maintenance.';
comment on column plumb.silences.source is 'LIKE pattern of the sources it silences.';
comment on column plumb.silences.scope is 'LIKE pattern of the scopes it silences.';
comment on column plumb.silences.priorities is 'Which priorities it applies to; null means all.';
comment on column plumb.silences.starts_at is 'When it begins.';
comment on column plumb.silences.ends_at is 'When it ends.';
comment on column plumb.silences.repeats_every is
'Null: once. Otherwise the span comes again after this long, counted in days or shorter units.';
comment on column plumb.silences.repeats_until is 'When it stops repeating.';
comment on column plumb.silences.reason is 'Why, in words.';
comment on column plumb.silences.created_by is 'Who created it.';
comment on column plumb.silences.created_at is 'When it was created.';
comment on column plumb.silences.ended_at is 'When a person ended it before its time.';
comment on column plumb.silences.ended_by is 'Who ended it.';
comment on column plumb.silences.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
