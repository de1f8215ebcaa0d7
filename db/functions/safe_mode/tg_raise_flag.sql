-- Raises the flag of safe mode when safe mode is engaged, so that every writer reads the mode. The
-- row is locked before this trigger runs, so plumb.lower_safe_mode_flag() cannot overtake it.
create or replace function plumb.tg_raise_flag()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_own_id constant text := pg_current_xact_id()::text;
    v_was_safe constant boolean := coalesce(old.mode = 'safe', false);
begin
    if v_was_safe and new.mode <> 'safe' then
        perform set_config('plumb.safe_mode_released_by', v_own_id, true);
    elsif
        new.mode = 'safe'
        and (
            (select f.last_value from plumb.safe_mode_flag as f) = 0
            or (
                not v_was_safe
                -- What this transaction released itself is still on for everybody else.
                and current_setting('plumb.safe_mode_released_by', true) is distinct from v_own_id
            )
        )
    then
        perform setval('plumb.safe_mode_flag', v_own_id::bigint);
    end if;
    return new;
end;
$$;
comment on function plumb.tg_raise_flag() is 'Let writers read system_mode from now on.';
revoke execute on function plumb.tg_raise_flag() from public;
