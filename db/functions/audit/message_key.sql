-- Returns the secret that makes a message in the WAL one of ours. It never changes, so this is
-- immutable, and the planner puts the secret into the plans of plumb.announce_writer(), where no
-- statement has to read it. Who lets the server print plans would see it there: when one is made,
-- and so this is called, printing is turned off for the rest of the transaction.
create or replace function plumb.message_key()
returns bytea
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('debug_print_plan', 'off', true);
    return (select k.message_key from plumb.audit_message_key as k);
end;
$$;
comment on function plumb.message_key() is
'The secret that makes a message in the WAL one of ours; for the owner of the log only.';
revoke execute on function plumb.message_key() from public;
