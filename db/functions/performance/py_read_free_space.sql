-- Reads the free space of the file systems that the database needs: PostgreSQL itself knows only
-- how large its own files are. Runs as the server's account, because PL/Python is not a trusted
-- language; it opens nothing and returns no names but those it was given.
reset role;
create or replace function plumb.py_read_free_space(p_paths text[])
returns table (paths text, free_bytes bigint, used_percent double precision)
language plpython3u
volatile
set search_path = pg_catalog, pg_temp
as $$
import os

systems = {}
for path in p_paths:
    try:
        system = os.statvfs(path)
        device = os.stat(path).st_dev
    except OSError:
        # It is gone, or not for the server's account to see.
        continue
    systems.setdefault(device, (system, []))[1].append(path)
for system, paths in systems.values():
    used_blocks = system.f_blocks - system.f_bfree
    room = used_blocks + system.f_bavail
    used_percents = [100 * used_blocks / room if room else 0]
    if system.f_files:
        used_percents.append(100 - 100 * system.f_favail / system.f_files)
    yield ", ".join(paths), system.f_bavail * system.f_frsize, max(used_percents)
$$;
comment on function plumb.py_read_free_space(text[]) is
'Free bytes and used percent (of space or files, what is more) of each file system of some paths.';
revoke execute on function plumb.py_read_free_space(text[]) from public;
alter function plumb.py_read_free_space(text[]) owner to plumb_owner;
