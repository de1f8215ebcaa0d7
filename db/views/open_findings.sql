-- Lists the findings about the audit log that are not accepted, most urgent first. It shows no
-- value of a row, so a role that reads the other views may read it.
create view plumb.open_findings as
select
    f.audit_finding_id,
    f.priority,
    f.source,
    f.kind,
    f.relation,
    f.record_key,
    f.object,
    f.seal,
    f.txid,
    f.n,
    f.occurrence_count,
    f.first_seen_at,
    f.last_seen_at,
    case when f.source in ('log', 'setup', 'event') then f.expected end as expected,
    case when f.source in ('log', 'setup', 'event') then f.actual end as actual
from plumb.audit_findings as f
where f.cleared_at is null and f.accepted_at is null
order by f.priority, f.audit_finding_id;
comment on view plumb.open_findings is
'Findings about the audit log that are not accepted, most urgent first.';
comment on column plumb.open_findings.audit_finding_id is
'Its number, for plumb.accept_finding().';
comment on column plumb.open_findings.priority is 'P1 (most urgent) to P3.';
comment on column plumb.open_findings.source is
'log: the log itself; setup: what writes it; table: a table differs from its log; event: something
happened that a person must accept.';
comment on column plumb.open_findings.kind is
'What it is; docs/audit.md says what each kind means.';
comment on column plumb.open_findings.relation is 'The audited table, as schema.table.';
comment on column plumb.open_findings.record_key is 'The key of the row.';
comment on column plumb.open_findings.object is 'What else it is about, such as a trigger.';
comment on column plumb.open_findings.seal is 'The seal that closed the transaction, or is wrong.';
comment on column plumb.open_findings.txid is 'The transaction.';
comment on column plumb.open_findings.n is 'The row''s number within the transaction.';
comment on column plumb.open_findings.occurrence_count is 'How many verifications found it.';
comment on column plumb.open_findings.first_seen_at is 'When it was found first.';
comment on column plumb.open_findings.last_seen_at is 'When it was found last.';
comment on column plumb.open_findings.expected is
'What should be there; null for rows of tables, whose values only an auditor may see.';
comment on column plumb.open_findings.actual is
'What is there; null for rows of tables, whose values only an auditor may see.';
