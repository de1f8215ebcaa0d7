-- Which values of a table JSON does not tell apart. Tables that are audited already have none, so
-- that what the log says of their rows stays comparable: plumb.audit_table() turns it on.
alter table plumb.audited_tables add column exact_pattern jsonb not null default '{}';
alter table plumb.audited_tables add column is_exact boolean not null default false;
drop function if exists plumb.recorded_row(jsonb, text[], text[]);
