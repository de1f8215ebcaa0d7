-- A quick look at the whole log says which transactions deserve an exact one; the functions that
-- look exactly are asked for transactions and no longer for a condition.
drop function if exists plumb.verify_rows(text);
drop function if exists plumb.verify_chains(text, bigint, bigint);
-- It is also told whether a column was renamed.
drop function if exists plumb.refresh_audit(text, regclass);
