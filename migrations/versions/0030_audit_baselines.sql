-- An audited table is followed by its identity, and what DDL did to it is remembered until its next
-- baseline, so that the rows can be compared with the log before that baseline covers them.

set local role plumb_owner;

alter table plumb.audited_tables
add column relid oid,
add column relid_origin text,
add column baseline_pending jsonb;

reset role;
update plumb.audited_tables as a
set relid = to_regclass(a.relation);

-- It takes who accepts the new baseline, and why.
drop function if exists plumb.rebase_audit(regclass, text);

-- It takes the tag of the command.
drop function if exists plumb.refresh_audit(text, regclass, boolean);

-- Findings from before they were recorded are found again by reading the whole log once.
delete from plumb.audit_verification as v
where v.finding_count > 0 and not exists (select from plumb.audit_findings);
