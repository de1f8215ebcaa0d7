-- Returns the verdict of the newest drill of each backup that still exists, by the drill's number.
-- One that was valid and became invalid does not count as valid.
create or replace function plumb.proven_backups()
returns table (backup_name text, status text, taken_at timestamptz)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select distinct on (v.backup_name) v.backup_name, v.status, v.taken_at
    from plumb.backup_validations as v
    left join plumb.backups as b on b.backup_name = v.backup_name
    where v.status in ('valid', 'invalid') and b.pruned_at is null
    order by v.backup_name asc, v.backup_validation_id desc
$$;
comment on function plumb.proven_backups() is
'Each backup that was tried and still exists: valid or invalid, and when it was taken.';
grant execute on function plumb.proven_backups() to plumb_reader;
