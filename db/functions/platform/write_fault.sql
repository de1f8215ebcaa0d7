-- Says why the server takes no writes, if so: what was recorded before stays green for as long as
-- nothing can be recorded. It lets a result overflow its memory into a temporary file, which needs
-- room on the disk of the data as a row does, but writes no log, takes no lock and leaves nothing
-- behind. That the log itself cannot be written is no answer of this function: the server
-- stops then.
create or replace function plumb.write_fault()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set work_mem = '64kB'
set temp_tablespaces = ''
as $$
begin
    if pg_is_in_recovery() then
        return 'the server is a standby, which takes no writes';
    end if;
    -- Some 300 kB, in few rows: each health request asks.
    perform count(*) from string_to_table(repeat(repeat('x', 999) || ',', 300), ',');
    return null;
exception
    -- A limit on temporary files says nothing about the disk.
    when configuration_limit_exceeded then return null;
    when others then return sqlerrm;
end;
$$;
comment on function plumb.write_fault() is
'Why the server takes no writes, such as a full disk; null when it takes them.';
grant execute on function plumb.write_fault() to plumb_reader;
