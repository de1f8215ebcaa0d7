-- Brings the flag in line with the mode: writers read the mode while the flag is raised, which
-- costs some microseconds for each statement, so the first writer after safe mode ends lowers it. A
-- sequence does not roll back, so it is lowered only by a transaction that has written nothing, and
-- under the row's lock, which a switch takes before it raises the flag. The lock is taken only
-- where it is free, and given back at once by rolling back to before it.
create or replace function plumb.lower_safe_mode_flag()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has_written constant boolean := pg_current_xact_id_if_assigned() is not null;
    v_is_raised constant boolean := (select f.last_value <> 0 from plumb.safe_mode_flag as f);
    v_is_lowered boolean := false;
    v_mode text;
begin
    if v_has_written and v_is_raised then
        return false;
    end if;
    begin
        select m.mode into v_mode
        from plumb.system_mode as m
        where m.id = 1
        for no key update skip locked;
        if v_mode = 'normal' and v_is_raised then
            perform setval('plumb.safe_mode_flag', 0);
            v_is_lowered := true;
        elsif v_mode = 'safe' and not v_is_raised then
            -- A restored copy may hold the flag of another moment.
            perform setval('plumb.safe_mode_flag', pg_current_xact_id()::text::bigint);
        end if;
        raise exception 'the lock on system_mode is given back'
            using errcode = 'transaction_rollback', hint = 'It is caught at once.';
    exception
        -- Also where the snapshot is older than a switch: then another session will lower it.
        when transaction_rollback then
            return v_is_lowered;
    end;
end;
$$;
comment on function plumb.lower_safe_mode_flag() is
'Let writers stop reading system_mode if safe mode is off; true when the flag was lowered.';
revoke execute on function plumb.lower_safe_mode_flag() from public;
grant execute on function plumb.lower_safe_mode_flag() to plumb_api;
