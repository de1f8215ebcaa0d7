-- Drops the slots through which the audit log reads the write-ahead log of this database.
select pg_drop_replication_slot(s.slot_name)
from pg_replication_slots as s
where s.database = current_database() and starts_with(s.slot_name, 'plumb') and not s.active
