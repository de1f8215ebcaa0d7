-- Lets the server remove the WAL before a position, which the log has durably. Runs as a role that
-- may do this and nothing else.
reset role;
create or replace function plumb.advance_slot(p_lsn pg_lsn)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select pg_replication_slot_advance(s.slot_name, p_lsn)
    from pg_replication_slots as s
    where s.slot_name = plumb.slot_name() and s.confirmed_flush_lsn < p_lsn
$$;
comment on function plumb.advance_slot(pg_lsn) is
'Move the replication slot of this database''s audit log to where the log has been read.';
alter function plumb.advance_slot(pg_lsn) owner to plumb_replicator;
revoke execute on function plumb.advance_slot(pg_lsn) from public;
grant execute on function plumb.advance_slot(pg_lsn) to plumb_owner;
