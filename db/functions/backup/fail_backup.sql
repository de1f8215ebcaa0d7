-- Records that a backup could not be made, and opens an incident at once, not only when the last
-- valid one is old.
create or replace function plumb.fail_backup(p_backup_name text, p_error text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update plumb.backups
    set status = 'failed', error = left(p_error, 2000), finished_at = plumb.current_time()
    where backup_name = p_backup_name and status = 'running';
    perform plumb.open_incident(
        'backup',
        'run',
        plumb.setting('backup_incident_priority'),
        'the backup could not be made',
        format('%s: %s', p_backup_name, left(p_error, 2000)),
        1,
        plumb.setting('runbook_base_url') || 'backup.md'
    );
end;
$$;
comment on function plumb.fail_backup(text, text) is
'Record that a backup failed and open incident backup/run; the next success clears it.';
grant execute on function plumb.fail_backup(text, text) to plumb_operator;
