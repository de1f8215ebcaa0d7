-- Returns the name of the audit log's replication slot, one for each database, because slots belong
-- to the server.
create or replace function plumb.slot_name()
returns name
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('plumb_audit_%s', d.oid)::name
    from pg_database as d
    where d.datname = current_database()
$$;
comment on function plumb.slot_name() is 'The replication slot of this database''s audit log.';
grant execute on function plumb.slot_name() to plumb_reader, plumb_replicator;
grant usage on schema plumb to plumb_replicator;
