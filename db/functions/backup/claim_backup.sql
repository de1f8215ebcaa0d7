-- Claims the lock of backups for as long as the session lives: two backups or drills must never
-- overlap.
create or replace function plumb.claim_backup()
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.claim('backup')
$$;
comment on function plumb.claim_backup() is
'Keep every other backup and drill out until this session ends; false while another one runs.';
grant execute on function plumb.claim_backup() to plumb_operator;
