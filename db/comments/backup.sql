-- Says what the tables of engine backup and their columns hold, for \d+ and docs/reference.

comment on table plumb.backup_validations is
'The drills of each backup, with the result of each tier.';
comment on column plumb.backup_validations.backup_validation_id is 'Its number.';
comment on column plumb.backup_validations.backup_name is 'The name of the backup.';
comment on column plumb.backup_validations.status is 'running, valid, invalid or unknown.';
comment on column plumb.backup_validations.size_bytes is 'Its size in bytes.';
comment on column plumb.backup_validations.sha256 is 'SHA-256 of the file that was tried.';
comment on column plumb.backup_validations.taken_at is 'The moment whose state the backup holds.';
comment on column plumb.backup_validations.restore_seconds is
'How long the restore took: what to expect when it is needed (RTO).';
comment on column plumb.backup_validations.tiers is
'[{"tier", "status": passed | failed | unknown | skipped, "seconds", "evidence"}]';
comment on column plumb.backup_validations.reason is 'Why, in words.';
comment on column plumb.backup_validations.started_at is 'When it began.';
comment on column plumb.backup_validations.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.backup_validations.tool is
'What made the backup: plumb, pgbackrest, barman, wal-g or another tool.';
comment on column plumb.backup_validations.validated_on is 'The host on which the drill ran.';

comment on table plumb.backups is
'Every backup that was started, by Plumbline or by another tool; backup_validations says whether it
is valid.';
comment on column plumb.backups.backup_id is 'Its number.';
comment on column plumb.backups.backup_name is 'The name of the backup.';
comment on column plumb.backups.tool is
'What made the backup: plumb, pgbackrest, barman, wal-g or another tool.';
comment on column plumb.backups.status is 'running, finished or failed.';
comment on column plumb.backups.location is 'Where its files are.';
comment on column plumb.backups.size_bytes is 'Its size in bytes.';
comment on column plumb.backups.sha256 is
'Digest of the stored file: a file that came later under this name is found by it.';
comment on column plumb.backups.is_encrypted is 'Whether its file is encrypted.';
comment on column plumb.backups.taken_at is 'The moment whose data it holds.';
comment on column plumb.backups.manifest is 'What the backup must contain, as JSON.';
comment on column plumb.backups.error is 'The error message, if it failed.';
comment on column plumb.backups.started_at is 'When it began.';
comment on column plumb.backups.finished_at is 'When it ended; null while it goes on.';
comment on column plumb.backups.pruned_at is 'When its files were removed.';

comment on table plumb.index_checks is
'The last amcheck of each B-tree index of the live database; those checked longest ago go first.';
comment on column plumb.index_checks.relation is 'The index.';
comment on column plumb.index_checks.size_bytes is 'Its size in bytes.';
comment on column plumb.index_checks.error is 'The error message, if it failed.';
comment on column plumb.index_checks.checked_at is 'When it was checked.';

-- The superuser owns this table: who could change it could run any program.
reset role;
comment on table plumb.backup_agent is
'The program that makes backups, on the server''s own machine; no row: none is installed there.';
comment on column plumb.backup_agent.id is 'Always 1: there is one row.';
comment on column plumb.backup_agent.command is
'The program that makes backups, with its arguments.';
comment on column plumb.backup_agent.environment is 'The variables that the program gets.';
comment on column plumb.backup_agent.installed_at is 'When `up` installed it.';
