-- Brings the flag in line with the mode once that is certain. Done after a switch has
-- committed, never in it: a sequence does not roll back, and a flag that is down while the mode
-- is on would open the tables. A flag that stays up costs writers a few microseconds and
-- nothing else. A restored copy may hold the flag of another moment, so it is raised here too.
create or replace function plumb.lower_safe_mode_flag()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_safe boolean;
begin
    -- Whoever has written something may have switched the mode himself and may yet roll back.
    if pg_current_xact_id_if_assigned() is not null then
        return false;
    end if;
    -- The lock waits for a switch in progress and keeps off the next one.
    select m.mode = 'safe' into v_is_safe from plumb.system_mode as m where m.id = 1 for update;
    if v_is_safe = ((select f.last_value from plumb.safe_mode_flag as f) = 1) then
        return false;
    end if;
    perform setval('plumb.safe_mode_flag', v_is_safe::integer);
    return not v_is_safe;
end;
$$;
comment on function plumb.lower_safe_mode_flag() is
'Let writers stop looking at system_mode if safe mode is off; true when the flag was lowered.';
grant execute on function plumb.lower_safe_mode_flag() to plumb_api;
