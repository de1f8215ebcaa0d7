-- Records that the file of a backup was removed. The record of the backup and of its drills stays
-- as history.
create or replace function plumb.record_pruned_backup(p_backup_name text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.backups
    set pruned_at = plumb.current_time()
    where backup_name = p_backup_name and pruned_at is null
$$;
comment on function plumb.record_pruned_backup(text) is
'Record that a backup''s files were removed.';
grant execute on function plumb.record_pruned_backup(text) to plumb_operator;
