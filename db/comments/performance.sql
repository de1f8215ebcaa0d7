-- Says what the tables of engine performance and their columns hold, for \d+ and docs/reference.

comment on table plumb.database_check_results is
'The results of the server''s checks in the last run of the job perf; a scrape reads these.';
comment on column plumb.database_check_results.check_name is 'The name of the check.';
comment on column plumb.database_check_results.status is 'ok, warning, critical or unknown.';
comment on column plumb.database_check_results.value is 'The measured value.';
comment on column plumb.database_check_results.unit is 'The unit of the value.';
comment on column plumb.database_check_results.checked_at is 'When it was checked.';

comment on table plumb.declared_checks is
'Every check of the server, and the priority of the incident that it opens when it is critical.';
comment on column plumb.declared_checks.check_name is 'The name of the check.';
comment on column plumb.declared_checks.priority is 'The priority of its incident.';

comment on table plumb.memory_samples is
'Private memory of all server processes together, and what the host has left.';
comment on column plumb.memory_samples.memory_sample_id is 'Its number.';
comment on column plumb.memory_samples.server_bytes is
'Private memory of all server processes, in bytes.';
comment on column plumb.memory_samples.host_available_bytes is
'Memory that the host has left, in bytes.';
comment on column plumb.memory_samples.host_total_bytes is 'Memory of the host, in bytes.';
comment on column plumb.memory_samples.sampled_at is 'When it was measured.';

comment on table plumb.perf_observations is
'Latencies of requests, one row for each source, route and window. Route * is the sum of all; a
window without requests is recorded too, so that it differs from a reporter that stopped.';
comment on column plumb.perf_observations.perf_observation_id is 'Its number.';
comment on column plumb.perf_observations.source is 'Who reported it.';
comment on column plumb.perf_observations.route is 'The route, or * for all requests.';
comment on column plumb.perf_observations.request_count is 'How many requests.';
comment on column plumb.perf_observations.error_count is 'How many of them failed.';
comment on column plumb.perf_observations.p50_ms is 'Median latency, in milliseconds.';
comment on column plumb.perf_observations.p95_ms is 'p95 latency, in milliseconds.';
comment on column plumb.perf_observations.p99_ms is 'p99 latency, in milliseconds.';
comment on column plumb.perf_observations.window_started_at is 'When the window began.';
comment on column plumb.perf_observations.window_seconds is 'The length of the window, in seconds.';

comment on table plumb.statement_observations is
'The statements that took most time between two samples, each against its own baseline.';
comment on column plumb.statement_observations.statement_observation_id is 'Its number.';
comment on column plumb.statement_observations.queryid is
'The statement''s number in pg_stat_statements.';
comment on column plumb.statement_observations.query is 'The statement without its values.';
comment on column plumb.statement_observations.calls is 'How often it ran in the period.';
comment on column plumb.statement_observations.mean_ms is 'Its mean time, in milliseconds.';
comment on column plumb.statement_observations.total_ms is 'Time spent in it, in milliseconds.';
comment on column plumb.statement_observations.baseline_ms is
'Median of its earlier mean times; null while there are too few.';
comment on column plumb.statement_observations.verdict is 'usual, new or regressed.';
comment on column plumb.statement_observations.observed_at is 'When it was observed.';

comment on table plumb.statement_totals is
'What pg_stat_statements had counted at the last sample; the next sample is compared with it.';
comment on column plumb.statement_totals.queryid is
'The statement''s number in pg_stat_statements.';
comment on column plumb.statement_totals.calls is 'How often it ran so far.';
comment on column plumb.statement_totals.total_ms is 'Time spent in it, in milliseconds.';
comment on column plumb.statement_totals.sampled_at is 'When that was read.';
