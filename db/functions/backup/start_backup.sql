-- Records a backup before its first byte is written, so that one that was killed is seen. Its
-- caller has claimed all backups: the process of another one that is still running has ended.
create or replace function plumb.start_backup(p_backup_name text, p_location text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_backup_id bigint;
begin
    update plumb.backups
    set status = 'failed', error = 'its process ended before it did',
        finished_at = plumb.current_time()
    where status = 'running';
    insert into plumb.backups (backup_name, status, location, started_at)
    values (p_backup_name, 'running', p_location, plumb.current_time())
    returning backup_id into v_backup_id;
    return v_backup_id;
end;
$$;
comment on function plumb.start_backup(text, text) is
'Record that a backup begins; its caller called plumb.claim_backup(). Returns its id.';
grant execute on function plumb.start_backup(text, text) to plumb_operator;
