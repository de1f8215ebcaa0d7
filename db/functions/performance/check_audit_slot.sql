-- Checks that the slot of the audit log exists and was read by nobody else. Otherwise changes of
-- captured tables may be missing in the log.
create or replace function plumb.check_audit_slot()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_slot',
        case when f.fault is null then 0 else 1 end,
        'slots',
        coalesce(f.fault, 'what the slot has given and what the log has are the same'),
        'The job audit-capture begins anew and records the gap; see docs/audit.md.'
    )
    from (select plumb.slot_fault() as fault) as f
$$;
comment on function plumb.check_audit_slot() is
'1 when the audit log cannot go on from where it read the WAL: slot gone, lost or advanced.';
grant execute on function plumb.check_audit_slot() to plumb_reader;
