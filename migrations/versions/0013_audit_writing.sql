-- One function makes a row of the log now, whatever its statement changed: those that served small
-- and large statements apart go. What verification calls found is actual: FOUND is a variable of
-- PL/pgSQL's own. A result's columns cannot be renamed in place.

drop aggregate if exists plumb.chain_links(bytea, bytea);
drop function if exists plumb.chain_link(bytea, bytea, bytea);
drop function if exists plumb.append_audits(text, text, text, jsonb[], jsonb[]);

drop function if exists plumb.check_audit();
drop function if exists plumb.reconcile_audit(regclass, text);
drop function if exists plumb.verify_anchors(jsonb);
drop function if exists plumb.verify_audit(bigint);
drop function if exists plumb.verify_redactions();
drop function if exists plumb.verify_seals(bigint, bigint);
drop function if exists plumb.verify_rows(text);
drop function if exists plumb.verify_chains(text, bigint, bigint);
