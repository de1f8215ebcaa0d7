-- Says what the tables of engine deploy and their columns hold, for \d+ and docs/reference.

comment on table plumb.deployment_events is 'Each step of each deployment, and why it was taken.';
comment on column plumb.deployment_events.deployment_event_id is 'Its number.';
comment on column plumb.deployment_events.deployment_id is 'The deployment.';
comment on column plumb.deployment_events.status is 'The status that the deployment got.';
comment on column plumb.deployment_events.reason is 'Why, in words.';
comment on column plumb.deployment_events.actor is 'Who did it.';
comment on column plumb.deployment_events.occurred_at is 'When it happened.';

comment on table plumb.deployment_gates is 'The verdict of each gate on each deployment.';
comment on column plumb.deployment_gates.deployment_gate_id is 'Its number.';
comment on column plumb.deployment_gates.deployment is 'The name of the deployment.';
comment on column plumb.deployment_gates.gate is 'The name of the gate.';
comment on column plumb.deployment_gates.status is 'pass, fail or unknown.';
comment on column plumb.deployment_gates.value is 'The measured value, in words.';
comment on column plumb.deployment_gates.threshold is 'The limit, in words.';
comment on column plumb.deployment_gates.reason is 'Why, in words.';
comment on column plumb.deployment_gates.checked_at is 'When it was checked.';
comment on column plumb.deployment_gates.deployment_id is 'The deployment.';

comment on table plumb.deployment_samples is
'The samples that were taken while a deployment was watched.';
comment on column plumb.deployment_samples.deployment_sample_id is 'Its number.';
comment on column plumb.deployment_samples.deployment_id is 'The deployment.';
comment on column plumb.deployment_samples.sampled_at is 'When the sample was taken.';
comment on column plumb.deployment_samples.window_seconds is
'How far back its requests reach; those from before the deployment prove nothing good.';
comment on column plumb.deployment_samples.request_count is 'Requests in the sample.';
comment on column plumb.deployment_samples.error_rate is 'Share of requests that failed, 0 to 1.';
comment on column plumb.deployment_samples.p95_ms is 'p95 latency, in milliseconds.';
comment on column plumb.deployment_samples.drift_score is
'As the watched address said; null when the database is watched.';
comment on column plumb.deployment_samples.open_p1_count is 'Open P1 incidents.';
comment on column plumb.deployment_samples.reported_at is
'sampledAt as the watched address said; seen twice, it is an old answer.';
comment on column plumb.deployment_samples.error is 'Why there is no measurement.';

comment on table plumb.deployments is
'Every deployment that was judged or carried out. Its commands are not kept: they hold secrets.';
comment on column plumb.deployments.deployment_id is 'Its number.';
comment on column plumb.deployments.name is 'The name of the release.';
comment on column plumb.deployments.status is
'cleared and refused are verdicts of the gates; inconclusive: applied, but it could not be judged;
interrupted: ended before anything was applied.';
comment on column plumb.deployments.reason is 'Why, in words.';
comment on column plumb.deployments.watch_seconds is
'How long it is watched after it was applied, in seconds.';
comment on column plumb.deployments.host is 'The host on which it was started.';
comment on column plumb.deployments.process_id is 'The process that carries it out.';
comment on column plumb.deployments.started_by is 'Who started it.';
comment on column plumb.deployments.started_at is 'When it began.';
comment on column plumb.deployments.applying_at is 'When applying began.';
comment on column plumb.deployments.applied_at is 'When it was applied.';
comment on column plumb.deployments.last_seen_at is
'When its process was last heard of: an unfinished one that is silent has lost its process.';
comment on column plumb.deployments.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.deployments.baseline_taken_at is 'When the baseline was measured.';
comment on column plumb.deployments.baseline_p95_ms is
'p95 latency before the release, in milliseconds.';
comment on column plumb.deployments.baseline_error_rate is
'Share of failed requests before the release, 0 to 1.';
comment on column plumb.deployments.baseline_request_count is
'Requests that the baseline was measured over.';
comment on column plumb.deployments.baseline_drift_score is 'The drift score before the release.';
comment on column plumb.deployments.baseline_incident_ids is
'P1 incidents that were open before; those do not count against it.';
comment on column plumb.deployments.baseline_sample is
'What MONITORING_HEALTH_URL said before; null when the database is watched instead.';

comment on table plumb.expected_migrations is
'Migrations that the release of an application needs, as it stated them.';
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
