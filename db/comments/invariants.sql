-- Says what the tables of engine invariants and their columns hold, for \d+ and docs/reference.

comment on table plumb.accepted_violations is
'Violations that a person looked into and accepted: neither scored nor reported nor enforced.';
comment on column plumb.accepted_violations.invariant is 'The name of the invariant.';
comment on column plumb.accepted_violations.subject is
'The key of the row that violates the invariant.';
comment on column plumb.accepted_violations.explanation is
'The violation that was accepted; another one of the same row is reported.';
comment on column plumb.accepted_violations.reason is 'Why it was accepted.';
comment on column plumb.accepted_violations.accepted_by is 'Who accepted it, as the caller says.';
comment on column plumb.accepted_violations.accepted_at is 'When it was accepted.';
comment on column plumb.accepted_violations.accepted_until is
'When the acceptance ends; null when it does not.';
comment on column plumb.accepted_violations.recorded_by is 'The role of the session.';
comment on column plumb.accepted_violations.is_baseline is
'Whether it was there when the invariant was declared; it goes when the row is repaired.';

comment on table plumb.drift_scores is
'The drift score after each check: 100 when every invariant holds, less for each violation.';
comment on column plumb.drift_scores.drift_score_id is 'Its number; the highest is the newest.';
comment on column plumb.drift_scores.score is '100 when every invariant holds.';
comment on column plumb.drift_scores.mode is
'cycle: only what changed was looked at; deep: every view was read in full.';
comment on column plumb.drift_scores.invariants_holding is 'How many invariants held.';
comment on column plumb.drift_scores.invariants_violated is 'How many were violated.';
comment on column plumb.drift_scores.unknown_invariants is
'Invariants that could not be checked; they count against the score.';
comment on column plumb.drift_scores.violation_count is 'How many violations were found.';
comment on column plumb.drift_scores.from_seal is 'The seal from which changes were looked at.';
comment on column plumb.drift_scores.to_seal is 'The seal up to which changes were looked at.';
comment on column plumb.drift_scores.created_at is 'When it was created.';

comment on table plumb.drift_weights is
'Points a violated invariant takes off 100: first_penalty + growth_penalty × log2(violations).';
comment on column plumb.drift_weights.priority is 'P1 (most urgent) to P4.';
comment on column plumb.drift_weights.first_penalty is 'Points that the first violation costs.';
comment on column plumb.drift_weights.growth_penalty is 'Points that each doubling costs.';
comment on column plumb.drift_weights.max_penalty is 'Points that one invariant costs at most.';

comment on table plumb.enforcement_locks is
'Rows that a commit locks while it checks a key, so that two commits never check the same key at the
same time.';
comment on column plumb.enforcement_locks.enforcement_lock_id is
'Its number; rows are locked, not read.';
comment on column plumb.enforcement_locks.check_count is
'Grows with every check: an older snapshot that comes later then fails with 40001.';

comment on table plumb.invariant_checks is 'Every check of every invariant, passes included.';
comment on column plumb.invariant_checks.invariant_check_id is 'Its number.';
comment on column plumb.invariant_checks.drift_score_id is 'The drift score that it was part of.';
comment on column plumb.invariant_checks.invariant is 'The name of the invariant.';
comment on column plumb.invariant_checks.status is 'holds, violated or unknown.';
comment on column plumb.invariant_checks.violation_count is 'How many violations were found.';
comment on column plumb.invariant_checks.checked_key_count is
'How many keys an incremental check looked at; null when the whole view was read.';
comment on column plumb.invariant_checks.duration_ms is 'How long it took, in milliseconds.';
comment on column plumb.invariant_checks.error is 'The error message, if it failed.';
comment on column plumb.invariant_checks.checked_at is 'When it was checked.';

comment on table plumb.invariant_violations is
'Violations, from the check that first found them until the check that found them repaired.';
comment on column plumb.invariant_violations.invariant_violation_id is 'Its number.';
comment on column plumb.invariant_violations.invariant is 'The name of the invariant.';
comment on column plumb.invariant_violations.subject is
'The key of the row that violates the invariant.';
comment on column plumb.invariant_violations.explanation is 'The violation in one sentence.';
comment on column plumb.invariant_violations.details is 'More facts, as JSON.';
comment on column plumb.invariant_violations.blame is
'The transactions, actors and applications that last changed the subject, newest first.';
comment on column plumb.invariant_violations.found_by is 'cycle or deep: how it was found.';
comment on column plumb.invariant_violations.incident_id is 'The incident it belongs to.';
comment on column plumb.invariant_violations.first_seen_at is 'When a check first found it.';
comment on column plumb.invariant_violations.last_seen_at is 'When it was last seen.';
comment on column plumb.invariant_violations.cleared_at is
'When it was found repaired; null while it is open.';

comment on table plumb.invariant_watches is
'Columns that lead from a changed row of a table to the rows of an invariant''s view that the change
may affect.';
comment on column plumb.invariant_watches.invariant is 'The name of the invariant.';
comment on column plumb.invariant_watches.relation is 'schema.table whose changes matter.';
comment on column plumb.invariant_watches.key_column is 'Column of that table.';
comment on column plumb.invariant_watches.view_column is 'Column of the view it is compared with.';
comment on column plumb.invariant_watches.relation_id is
'The OID of the table, by which it is followed.';
comment on column plumb.invariant_watches.key_number is
'The number of the column of that table, by which it is followed.';
comment on column plumb.invariant_watches.view_id is
'The OID of the view that view_number is a column of.';
comment on column plumb.invariant_watches.view_number is
'The number of the column of the view, by which it is followed.';

comment on table plumb.invariants is
'The declared invariants. Each names a view that returns one row for each violation.';
comment on column plumb.invariants.name is 'Its name.';
comment on column plumb.invariants.view_name is 'schema.view; its first column is subject.';
comment on column plumb.invariants.description is 'What it is, in words.';
comment on column plumb.invariants.priority is 'P1 (most urgent) to P4.';
comment on column plumb.invariants.weight is 'Multiplies the penalty of its priority.';
comment on column plumb.invariants.enforcement is
'detect (found afterwards), commit or statement (refused at the end of either).';
comment on column plumb.invariants.auto_correct is
'schema.function(text[]) returns bigint: repairs these subjects, and returns how many rows it
changed.';
comment on column plumb.invariants.runbook_url is 'Where its runbook is.';
comment on column plumb.invariants.is_enabled is 'Whether it is in use.';
comment on column plumb.invariants.checked_seal is
'The changes up to this seal were checked; null: the whole view has to be read first.';
comment on column plumb.invariants.declared_by is 'Who declared it.';
comment on column plumb.invariants.declared_at is 'When it was declared.';
comment on column plumb.invariants.view_id is 'The OID of the view, by which it is followed.';
comment on column plumb.invariants.view_origin is
'The database within which its OIDs and those of its watches and its rule mean something.';
comment on column plumb.invariants.blamed_seal is
'The seal up to which changes that the last check could not see sealed were blamed.';
comment on column plumb.invariants.disabled_until is
'When it is enabled again; null when it is enabled, or disabled without an end.';
comment on column plumb.invariants.disabled_reason is 'Why it was disabled for a while.';
comment on column plumb.invariants.disabled_by is 'Who disabled it for a while.';

comment on table plumb.pending_checks is
'One row for each invariant that a transaction has to be checked for when it commits; else empty.';
comment on column plumb.pending_checks.invariant is 'The name of the invariant.';
comment on column plumb.pending_checks.relation is
'The table whose change has to be checked first.';

comment on table plumb.quarantined_rows is
'Rows that auto-correct took out of a table, kept whole so that they can be put back.';
comment on column plumb.quarantined_rows.quarantined_row_id is 'Its number.';
comment on column plumb.quarantined_rows.invariant is 'The name of the invariant.';
comment on column plumb.quarantined_rows.relation is 'The table, as schema.table.';
comment on column plumb.quarantined_rows.subject is
'The key of the row that violates the invariant.';
comment on column plumb.quarantined_rows.row_data is 'The row, as JSON.';
comment on column plumb.quarantined_rows.quarantined_at is 'When it was moved here.';

comment on table plumb.rules is
'Invariants that were declared by a template, with the arguments that their views are made from.';
comment on column plumb.rules.invariant is 'The name of the invariant.';
comment on column plumb.rules.template is 'The template that it was declared by.';
comment on column plumb.rules.arguments is 'What its view is made from.';
comment on column plumb.rules.places is
'The tables and columns that the arguments name, by OID and number, by which they are followed.';
comment on column plumb.rules.rendered is 'The query, columns, watches and indexes made of it.';
comment on column plumb.rules.fault is 'Why its view cannot be read any more; null: it can.';
comment on column plumb.rules.owner is 'Who answers for it; null: nobody was named.';

comment on table plumb.set_aside_views is
'Views of invariants that were set aside for DDL of the application, with the text to put back.';
comment on column plumb.set_aside_views.invariant is 'The name of the invariant.';
comment on column plumb.set_aside_views.definition is 'The query of its view.';
comment on column plumb.set_aside_views.placeholder is
'The query that stands in its place; another one was made by a person.';
comment on column plumb.set_aside_views.options is 'The options of the view.';
comment on column plumb.set_aside_views.fault is 'Why it could not be put back.';

comment on table plumb.wrong_steps is
'Steps of a status that a rule does not allow, until the row is back at the value before.';
comment on column plumb.wrong_steps.invariant is 'The name of the invariant.';
comment on column plumb.wrong_steps.subject is 'The key of the row, as in the audit log.';
comment on column plumb.wrong_steps.from_value is 'The value before the step.';
comment on column plumb.wrong_steps.to_value is 'The value after the step.';
comment on column plumb.wrong_steps.changed_at is 'When it was changed.';
