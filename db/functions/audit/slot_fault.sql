-- Returns why the log of captured tables cannot go on from where it is: changes after that are lost
-- to it. A promoted standby and a restored copy have no slot; too much WAL makes one invalid; who
-- may use slots can advance this one over changes that nobody read.
create or replace function plumb.slot_fault()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when split_part(c.origin, '/', 1) <> split_part(plumb.seal_origin(), '/', 1)
            then 'this is a copy: it was restored into another server'
        when s.slot_name is null
            then format('the replication slot %s is gone', c.slot_name)
        when s.wal_status = 'lost' or s.plugin <> 'pgoutput'
            then format('the replication slot %s is of no more use: %s', c.slot_name, s.wal_status)
        when s.confirmed_flush_lsn > c.through_lsn
            then format(
                'the replication slot %s was advanced to %s, past %s, by another session',
                c.slot_name, s.confirmed_flush_lsn, c.through_lsn
            )
    end
    from plumb.audit_capture as c
    left join pg_replication_slots as s
        on s.slot_name = plumb.slot_name() and s.database = current_database()
$$;
comment on function plumb.slot_fault() is
'Why the log cannot be read on from the WAL; null when it can, or nothing is captured.';
