-- What each column of the tables of engine deploy means, for \d+ and for docs/reference.

comment on column plumb.deployment_events.deployment_event_id is 'Its number.';
comment on column plumb.deployment_events.deployment_id is 'The deployment.';
comment on column plumb.deployment_events.status is 'The status that the deployment got.';
comment on column plumb.deployment_events.reason is 'Why, in words.';
comment on column plumb.deployment_events.actor is 'Who did it.';
comment on column plumb.deployment_events.occurred_at is 'When it happened.';

comment on column plumb.deployment_gates.deployment_gate_id is 'Its number.';
comment on column plumb.deployment_gates.deployment is 'The name of the deployment.';
comment on column plumb.deployment_gates.gate is 'The name of the gate.';
comment on column plumb.deployment_gates.status is 'pass, fail or unknown.';
comment on column plumb.deployment_gates.value is 'The measured value, in words.';
comment on column plumb.deployment_gates.threshold is 'The limit, in words.';
comment on column plumb.deployment_gates.reason is 'Why, in words.';
comment on column plumb.deployment_gates.checked_at is 'When it was checked.';
comment on column plumb.deployment_gates.deployment_id is 'The deployment.';

comment on column plumb.deployment_samples.deployment_sample_id is 'Its number.';
comment on column plumb.deployment_samples.deployment_id is 'The deployment.';
comment on column plumb.deployment_samples.sampled_at is 'When the sample was taken.';
comment on column plumb.deployment_samples.request_count is 'Requests in the sample.';
comment on column plumb.deployment_samples.p95_ms is 'p95 latency, in milliseconds.';
comment on column plumb.deployment_samples.open_p1_count is 'Open P1 incidents.';

comment on column plumb.deployments.deployment_id is 'Its number.';
comment on column plumb.deployments.name is 'The name of the release.';
comment on column plumb.deployments.reason is 'Why, in words.';
comment on column plumb.deployments.watch_seconds is
'How long it is watched after it was applied, in seconds.';
comment on column plumb.deployments.host is 'The host on which it was started.';
comment on column plumb.deployments.process_id is 'The process that carries it out.';
comment on column plumb.deployments.started_by is 'Who started it.';
comment on column plumb.deployments.started_at is 'When it began.';
comment on column plumb.deployments.applying_at is 'When applying began.';
comment on column plumb.deployments.applied_at is 'When it was applied.';
comment on column plumb.deployments.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.deployments.baseline_taken_at is 'When the baseline was measured.';
comment on column plumb.deployments.baseline_p95_ms is
'p95 latency before the release, in milliseconds.';
comment on column plumb.deployments.baseline_error_rate is
'Share of failed requests before the release, 0 to 1.';
comment on column plumb.deployments.baseline_request_count is
'Requests that the baseline was measured over.';
comment on column plumb.deployments.baseline_drift_score is 'The drift score before the release.';

comment on column plumb.expected_migrations.source is
'The tool, table or application that was named.';
comment on column plumb.expected_migrations.tool is
'The tool whose table is read; null when the application stated what is applied.';
comment on column plumb.expected_migrations.relation is 'The table that is read.';
comment on column plumb.expected_migrations.expected is 'The migrations that the release needs.';
comment on column plumb.expected_migrations.applied is
'Those that are applied, as the application stated it; null when a table is read.';
comment on column plumb.expected_migrations.stated_at is 'When it was stated.';
comment on column plumb.expected_migrations.stated_by is 'The role that stated it.';
