-- What each column of the tables of engine platform means, for \d+ and for docs/reference.

comment on column plumb.schema_revision.version_num is 'The newest migration that was applied.';

comment on column plumb.job_runs.job_run_id is 'Its number.';
comment on column plumb.job_runs.job_name is 'The name of the job.';
comment on column plumb.job_runs.started_at is 'When it began.';
comment on column plumb.job_runs.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.job_runs.result is 'running, succeeded or failed.';
comment on column plumb.job_runs.started_by is
'What started it: the application_name of its session, or the kind of process.';
comment on column plumb.job_runs.message is 'What it reported.';

comment on column plumb.jobs.job_name is 'The name of the job.';
comment on column plumb.jobs.interval_setting is 'The setting that holds its interval.';
comment on column plumb.jobs.timeout_seconds is
'After how many seconds the watchdog cancels a run.';
comment on column plumb.jobs.is_enabled is 'Whether it is in use.';
comment on column plumb.jobs.description is 'What it is, in words.';

comment on column plumb.releases.release_id is 'Its number.';
comment on column plumb.releases.schema_revision is 'The revision that was applied.';
comment on column plumb.releases.released_by is 'Who ran the migration.';
comment on column plumb.releases.released_at is 'When it was applied.';

comment on column plumb.settings.name is 'Its name.';
comment on column plumb.settings.default_value is 'The value that holds until another one is set.';
comment on column plumb.settings.unit is 'The unit of the value.';
comment on column plumb.settings.description is 'What it is, in words.';
comment on column plumb.settings.updated_at is 'When it was last changed.';
comment on column plumb.settings.changed_by is 'Who changed it, by the name that was given.';
comment on column plumb.settings.reason is 'Why it was changed.';

comment on column plumb.demo.schema_name is 'The name of the schema.';
comment on column plumb.demo.installed_at is 'When the shop came.';

comment on column plumb.installation.installation_id is 'Always 1.';
comment on column plumb.installation.is_by_superuser is 'Whether a superuser installed it.';
comment on column plumb.installation.own_roles is
'The roles of Plumbline that the installing role stands in for.';
comment on column plumb.installation.has_event_triggers is
'Whether the installing role may create event triggers.';

comment on column plumb.installed_extensions.name is 'The name of the extension.';
