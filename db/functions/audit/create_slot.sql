-- Makes the slot from which the log of captured tables is read, and returns where it begins: what
-- is committed from there on. It waits for the transactions that write at this moment. On servers
-- that can, a standby gets a copy of it (failover slots). Runs as a role that may do this and
-- nothing else.
reset role;
create or replace function plumb.create_slot()
returns pg_lsn
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lsn pg_lsn;
begin
    execute format(
        'select s.lsn from pg_create_logical_replication_slot(%L, ''pgoutput''%s) as s',
        plumb.slot_name(),
        case
            when current_setting('server_version_num')::integer >= 170000
                then ', failover => true'
        end
    )
    into v_lsn;
    return v_lsn;
end;
$$;
comment on function plumb.create_slot() is
'Create the replication slot of this database''s audit log; returns where it begins.';
alter function plumb.create_slot() owner to plumb_replicator;
revoke execute on function plumb.create_slot() from public;
grant execute on function plumb.create_slot() to plumb_owner;
