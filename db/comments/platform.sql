-- Says what the tables of engine platform and their columns hold, for \d+ and docs/reference.

comment on table plumb.demo is 'The schema of the demo shop; no row where there is none.';
comment on column plumb.demo.schema_name is 'The name of the schema.';
comment on column plumb.demo.installed_at is 'When the shop came.';

comment on table plumb.installation is 'With what rights Plumbline was installed; one row.';
comment on column plumb.installation.installation_id is 'Always 1.';
comment on column plumb.installation.is_by_superuser is 'Whether a superuser installed it.';
comment on column plumb.installation.has_event_triggers is
'Whether the installing role may create event triggers.';
comment on column plumb.installation.own_roles is
'The roles of Plumbline that the installing role stands in for.';

comment on table plumb.installed_extensions is
'The extensions that Plumbline created here; ./plumb uninstall drops them.';
comment on column plumb.installed_extensions.name is 'The name of the extension.';

comment on table plumb.job_runs is 'Our own history of job runs; pg_cron''s is pruned.';
comment on column plumb.job_runs.job_run_id is 'Its number.';
comment on column plumb.job_runs.job_name is 'The name of the job.';
comment on column plumb.job_runs.started_at is 'When it began.';
comment on column plumb.job_runs.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.job_runs.backend_pid is 'The server process of the run.';
comment on column plumb.job_runs.result is 'running, succeeded or failed.';
comment on column plumb.job_runs.message is 'What it reported.';
comment on column plumb.job_runs.started_by is
'What started it: the application_name of its session, or the kind of process.';

comment on table plumb.jobs is 'The jobs: what runs, how often, and for how long at most.';
comment on column plumb.jobs.job_name is 'The name of the job.';
comment on column plumb.jobs.command is
'The call a run makes, such as plumb.run_invariant_cycle().';
comment on column plumb.jobs.interval_setting is 'The setting that holds its interval.';
comment on column plumb.jobs.schedule is
'pg_cron''s schedule; null when no scheduler is installed here.';
comment on column plumb.jobs.timeout_seconds is
'After how many seconds the watchdog cancels a run.';
comment on column plumb.jobs.is_enabled is 'Whether it is in use.';
comment on column plumb.jobs.description is 'What it is, in words.';
comment on column plumb.jobs.is_stepwise is
'The call returns plumb.job_step and is repeated, each time in a transaction of its own.';

comment on table plumb.locks is
'Rows that keep work from being done twice at once: locked for one transaction, or claimed for
longer.';
comment on column plumb.locks.name is
'What is kept apart: a job ("job health"), or work such as "audit log" or "backup".';
comment on column plumb.locks.holder_pid is
'Process number of the session that claimed it; null while nobody has it.';
comment on column plumb.locks.holder_started_at is
'When that session began: a process number alone may be used again.';
comment on column plumb.locks.claimed_at is 'When it was claimed.';

comment on table plumb.releases is 'One row for each `plumb migrate` that brought a new revision.';
comment on column plumb.releases.release_id is 'Its number.';
comment on column plumb.releases.schema_revision is 'The revision that was applied.';
comment on column plumb.releases.released_by is 'Who ran the migration.';
comment on column plumb.releases.released_at is 'When it was applied.';

comment on table plumb.setting_secrets is
'Addresses that may hold a key, by the name of their setting; for functions of Plumbline only.';
comment on column plumb.setting_secrets.name is 'The name of the setting.';
comment on column plumb.setting_secrets.value is 'The whole address.';

comment on table plumb.settings is
'Every setting. A null value means the default, which releases may change.';
comment on column plumb.settings.name is 'Its name.';
comment on column plumb.settings.value is
'The operator''s choice, or null for the default; of a secret URL the host and a digest.';
comment on column plumb.settings.default_value is 'The value that holds until another one is set.';
comment on column plumb.settings.unit is 'The unit of the value.';
comment on column plumb.settings.description is 'What it is, in words.';
comment on column plumb.settings.updated_at is 'When it was last changed.';
comment on column plumb.settings.kind is
'What it takes: integer, number, boolean, choice, list, URL, secret URL, hosts, schemas, path or
text.';
comment on column plumb.settings.minimum is 'The least number that is accepted.';
comment on column plumb.settings.maximum is 'The greatest number that is accepted.';
comment on column plumb.settings.choices is 'The values, or members of a list, that are accepted.';
comment on column plumb.settings.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
comment on column plumb.settings.changed_by is 'Who changed it, by the name that was given.';
comment on column plumb.settings.reason is 'Why it was changed.';

comment on column plumb.schema_revision.version_num is 'The newest migration that was applied.';
