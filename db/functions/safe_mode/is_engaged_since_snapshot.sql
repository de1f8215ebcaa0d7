-- Returns whether safe mode was engaged after this transaction took its snapshot, so that what the
-- snapshot says of the mode is out of date. In READ COMMITTED each statement has a snapshot of its
-- own. In REPEATABLE READ and SERIALIZABLE the flag answers, which is read without a snapshot: it
-- holds the number of the transaction that engaged safe mode last.
create or replace function plumb.is_engaged_since_snapshot()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_transaction_id xid8;
begin
    if current_setting('transaction_isolation') in ('read committed', 'read uncommitted') then
        return false;
    end if;
    v_transaction_id := (select f.last_value::text::xid8 from plumb.safe_mode_flag as f);
    return
        not pg_visible_in_snapshot(v_transaction_id, pg_current_snapshot())
        -- In progress or prepared, it may still roll back, and this write comes before it.
        and pg_xact_status(v_transaction_id) = 'committed';
exception
    -- A restored copy may hold the number of a transaction that this server has not reached yet.
    when invalid_parameter_value then
        return false;
end;
$$;
comment on function plumb.is_engaged_since_snapshot() is
'Whether safe mode was engaged after the snapshot of this transaction was taken.';
revoke execute on function plumb.is_engaged_since_snapshot() from public;
