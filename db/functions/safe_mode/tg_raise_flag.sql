-- Raises the flag of safe mode when somebody engages it, so that every writer reads the mode. It
-- is lowered only when the switch back is certain: see plumb.lower_safe_mode_flag().
create or replace function plumb.tg_raise_flag()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.mode = 'safe' then
        perform setval('plumb.safe_mode_flag', 1);
    end if;
    return new;
end;
$$;
comment on function plumb.tg_raise_flag() is 'Make writers look at system_mode from now on.';
revoke execute on function plumb.tg_raise_flag() from public;
