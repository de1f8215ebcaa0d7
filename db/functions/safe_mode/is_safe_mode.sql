-- Returns whether safe mode is on, as the current snapshot sees it. In PL/pgSQL it keeps its plan;
-- in SQL, with a search_path of its own, it would be planned for every request.
create or replace function plumb.is_safe_mode()
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select m.mode = 'safe' from plumb.system_mode as m where m.id = 1);
end;
$$;
comment on function plumb.is_safe_mode() is 'Whether safe mode is on.';
grant execute on function plumb.is_safe_mode() to plumb_reader;
