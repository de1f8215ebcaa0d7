-- Lowers the flag once safe mode is surely off. Done after the switch has committed, never in
-- it: a sequence does not roll back, and a flag that is down while the mode is on would open
-- the tables. A flag that stays up costs writers a few microseconds and nothing else.
create or replace function plumb.lower_safe_mode_flag()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The lock keeps anybody from engaging safe mode between the look and the lowering, and
    -- the look sees only what is committed.
    perform from plumb.system_mode as m where m.id = 1 for update;
    if exists (
        select from plumb.system_mode as m
        where m.id = 1 and m.mode = 'normal' and m.xmin <> pg_current_xact_id()::xid
    ) and (select f.last_value from plumb.safe_mode_flag as f) = 1 then
        perform setval('plumb.safe_mode_flag', 0);
        return true;
    end if;
    return false;
end;
$$;
comment on function plumb.lower_safe_mode_flag() is
'Let writers stop looking at system_mode if safe mode is off; true when the flag was lowered.';
grant execute on function plumb.lower_safe_mode_flag() to plumb_api;
