-- A transaction that read all of the WAL reads it again only when another one ended since.
alter table plumb.audit_capture add column read_snapshot text;
drop function if exists plumb.read_slot(integer);
drop function if exists plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer);
