-- Says what the tables of engine safe_mode and their columns hold, for \d+ and docs/reference.

comment on table plumb.guarded_ddl_permits is
'Transactions that may change guarded tables in safe mode; a row never outlives its transaction.';
comment on column plumb.guarded_ddl_permits.transaction_id is
'The transaction that may change guarded tables in safe mode.';

comment on table plumb.guarded_tables is 'Tables that refuse writes in safe mode.';
comment on column plumb.guarded_tables.relation is 'schema.table.';
comment on column plumb.guarded_tables.guarded_by is 'Who guarded it.';
comment on column plumb.guarded_tables.guarded_at is 'When it was guarded.';
comment on column plumb.guarded_tables.relation_id is
'Its OID, by which it is followed when it is renamed; null while no table has the name.';
comment on column plumb.guarded_tables.is_explicit is
'Whether a person asked for it, so that a new table of this name is guarded too.';

comment on table plumb.system_mode is 'The one row that says whether writes are allowed.';
comment on column plumb.system_mode.id is 'Always 1: there is one row.';
comment on column plumb.system_mode.mode is 'normal or safe.';
comment on column plumb.system_mode.reason is 'Why, in words.';
comment on column plumb.system_mode.enabled_by is 'Who engaged safe mode.';
comment on column plumb.system_mode.enabled_at is 'When it was engaged.';
comment on column plumb.system_mode.is_automatic is
'Whether Plumbline did it by itself, not a person.';
comment on column plumb.system_mode.disabled_by is 'Who disengaged it.';
comment on column plumb.system_mode.disabled_at is 'When it was disengaged.';
comment on column plumb.system_mode.override_token is
'Set it in plain text; a trigger stores only its salted hash.';
comment on column plumb.system_mode.override_failure_count is 'Wrong override tokens in a row.';
comment on column plumb.system_mode.override_locked_until is
'No override token is accepted before this moment.';
comment on column plumb.system_mode.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';

comment on table plumb.system_mode_changes is 'Every switch of the mode: who, when, why.';
comment on column plumb.system_mode_changes.system_mode_change_id is 'Its number.';
comment on column plumb.system_mode_changes.mode is 'The mode that was set.';
comment on column plumb.system_mode_changes.reason is 'Why, in words.';
comment on column plumb.system_mode_changes.actor is 'Who did it.';
comment on column plumb.system_mode_changes.is_automatic is
'Whether Plumbline did it by itself, not a person.';
comment on column plumb.system_mode_changes.changed_at is 'When it was set.';
comment on column plumb.system_mode_changes.recorded_by is
'The role whose session wrote this row last, whatever name it gave.';
