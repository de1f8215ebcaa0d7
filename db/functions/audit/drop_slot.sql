-- Drops the slot of this database's audit log, so that no WAL is kept for it. Runs as a role that
-- may do this and nothing else.
reset role;
create or replace function plumb.drop_slot()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select pg_drop_replication_slot(s.slot_name)
    from pg_replication_slots as s
    where s.slot_name = plumb.slot_name()
$$;
comment on function plumb.drop_slot() is 'Drop the replication slot of this database''s audit log.';
alter function plumb.drop_slot() owner to plumb_replicator;
revoke execute on function plumb.drop_slot() from public;
grant execute on function plumb.drop_slot() to plumb_owner;
