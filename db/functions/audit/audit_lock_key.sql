-- Sealing, redaction and retention change the log's shape: one of them at a time.
create or replace function plumb.audit_lock_key()
returns integer
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select hashtext('seal the audit log')
$$;
comment on function plumb.audit_lock_key() is
'Second half, after plumb.job_lock_class(), of the advisory lock of who reshapes the log.';
