-- Reads the memory of the server from /proc, the only place that has it. Runs as the superuser,
-- because PL/Python is not a trusted language. Private memory (Pss without shared buffers would
-- need root) is taken as anonymous resident memory, which shared_buffers are not part of.
reset role;
create or replace function plumb.py_read_memory(
    out server_bytes bigint, out host_available_bytes bigint, out host_total_bytes bigint
)
language plpython3u
volatile
set search_path = pg_catalog, pg_temp
as $$
from pathlib import Path


def kilobytes(text, name):
    line = next((l for l in text.splitlines() if l.startswith(name + ":")), None)
    return int(line.split()[1]) if line else 0


postmaster = Path("postmaster.pid").read_text().split("\n", 1)[0]
server = 0
for status in Path("/proc").glob("[0-9]*/status"):
    try:
        text = status.read_text()
    except OSError:
        # The process ended while we looked.
        continue
    parent = next(l for l in text.splitlines() if l.startswith("PPid:")).split()[1]
    if parent == postmaster or status.parent.name == postmaster:
        server += kilobytes(text, "RssAnon")
host = Path("/proc/meminfo").read_text()
return (
    server * 1024,
    kilobytes(host, "MemAvailable") * 1024,
    kilobytes(host, "MemTotal") * 1024,
)
$$;
comment on function plumb.py_read_memory() is
'Anonymous memory of the server''s processes, the host''s available and total memory, in bytes.';
revoke execute on function plumb.py_read_memory() from public;
alter function plumb.py_read_memory() owner to plumb_owner;
