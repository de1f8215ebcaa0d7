-- Few rows and many are written apart again: the values of a few are inserted as they are
-- computed, many by one statement. Redacted rows are looked for by the scan that hashes each row,
-- so no writer pays for an index of them.
drop function if exists plumb.link_audit(text, text, text, jsonb, jsonb);
drop function if exists plumb.verify_redactions();
drop index if exists plumb.audit_log_redacted_idx;
