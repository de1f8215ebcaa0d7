-- The truth about the mode, as the current snapshot sees it.
create or replace function plumb.is_safe_mode()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select m.mode = 'safe' from plumb.system_mode as m where m.id = 1
$$;
comment on function plumb.is_safe_mode() is 'Whether safe mode is on.';
grant execute on function plumb.is_safe_mode() to plumb_reader;
