-- Lists the messages of pgoutput about what was committed since the slot was advanced, which stay
-- in it: all of them, or at least so many, or those up to a position, and up to the end of a
-- transaction. Values are printed by the output functions of their types, in fixed formats.
-- Anybody may put messages into the WAL: those with another prefix are left out, and those that
-- are larger than any of ours, which would fill the memory of whoever reads them. Runs as a role
-- that may do this and nothing else.
reset role;
create or replace function plumb.read_slot(p_items_max integer, p_through pg_lsn default null)
returns setof bytea
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
set client_encoding = 'UTF8'
set "TimeZone" = 'UTC'
set "DateStyle" = 'ISO, MDY'
set "IntervalStyle" = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
set lc_monetary = 'C'
as $$
    select c.data
    from pg_logical_slot_peek_binary_changes(
        plumb.slot_name(),
        p_through,
        p_items_max,
        'proto_version', '1',
        'publication_names', 'plumb_audit',
        'messages', 'true'
    ) as c
    -- A byte M, nine more, then the prefix.
    where
        get_byte(c.data, 0) <> 77
        or (octet_length(c.data) <= 65536 and substr(c.data, 11, 5) = 'plumb')
$$;
comment on function plumb.read_slot(integer, pg_lsn) is
'What was committed since the slot of the audit log was advanced, as messages of pgoutput.';
alter function plumb.read_slot(integer, pg_lsn) owner to plumb_replicator;
revoke execute on function plumb.read_slot(integer, pg_lsn) from public;
grant execute on function plumb.read_slot(integer, pg_lsn) to plumb_owner;
