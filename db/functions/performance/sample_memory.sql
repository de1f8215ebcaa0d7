-- Records one sample of memory, where PL/Python is installed.
create or replace function plumb.sample_memory()
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regprocedure('plumb.py_read_memory()') is null then
        return false;
    end if;
    execute
        'insert into plumb.memory_samples '
        '(server_bytes, host_available_bytes, host_total_bytes, sampled_at) '
        'select m.*, plumb.current_time() from plumb.py_read_memory() as m';
    return true;
end;
$$;
comment on function plumb.sample_memory() is 'Record a memory sample; false without PL/Python.';
