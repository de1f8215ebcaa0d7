-- Ends the reading of the WAL once no table is captured from there.
create or replace function plumb.close_capture()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.lock_section('audit capture');
    if not exists (select from plumb.audited_tables as a where a.capture = 'wal') then
        delete from plumb.audit_capture;
        perform plumb.drop_slot();
    end if;
end;
$$;
comment on function plumb.close_capture() is
'Stop reading the WAL and drop the slot, if no table is captured.';
