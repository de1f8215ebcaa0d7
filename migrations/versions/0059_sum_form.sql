-- Sums of tables see nulls inside of values. What was summed before is compared as before, until
-- the next baseline.
set local role plumb_owner;
alter table plumb.audit_reconciliations add column sum_form integer not null default 1;
alter table plumb.audit_reconciliations alter column sum_form drop default;
drop function if exists plumb.audit_implied(text, bigint, pg_snapshot, bigint);
drop function if exists plumb.sum_query(regclass, text[], text[]);
drop function if exists plumb.row_sum(jsonb);
reset role;
