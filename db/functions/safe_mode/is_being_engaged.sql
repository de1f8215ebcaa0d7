-- Returns whether another transaction is engaging safe mode at this moment: it has raised the flag,
-- which holds its number, and has not committed yet.
create or replace function plumb.is_being_engaged()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select
            f.last_value <> 0
            and f.last_value::text::xid8 is distinct from pg_current_xact_id_if_assigned()
            and pg_xact_status(f.last_value::text::xid8) = 'in progress'
        from plumb.safe_mode_flag as f
    );
exception
    -- A restored copy may hold the number of a transaction that this server has not reached yet.
    when invalid_parameter_value then
        return false;
end;
$$;
comment on function plumb.is_being_engaged() is
'Whether another transaction has begun to engage safe mode and has not committed yet.';
revoke execute on function plumb.is_being_engaged() from public;
