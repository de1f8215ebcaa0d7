-- Reads the server's JSON log from where the last call stopped, whole lines only, and nothing
-- outside the log's directory: PostgreSQL reports failed logins nowhere else. A file that shrank or
-- was replaced is read from its beginning; files rotated away meanwhile are read too. Runs as the
-- superuser, because PL/Python is not a trusted language.
reset role;
create or replace function plumb.py_read_server_log(
    p_file_name text, p_inode bigint, p_byte_offset bigint, p_bytes_max bigint
)
returns jsonb
language plpython3u
volatile
set search_path = pg_catalog, pg_temp
as $$
import json
from pathlib import Path

folder = Path(plpy.execute("select current_setting('log_directory') as d")[0]["d"])
logs = sorted(((f.stat(), f) for f in folder.glob("*.json")), key=lambda f: f[0].st_mtime)
files = [(str(path), stat.st_ino, stat.st_size) for stat, path in logs]
if not files:
    return None
if p_inode is None:
    # What was logged before the first call is left out.
    start, offset = len(files) - 1, files[-1][2]
else:
    # A file that is gone does not say where it ended: take the newest from its beginning.
    start = next((i for i, f in enumerate(files) if f[1] == p_inode), len(files) - 1)
    offset = p_byte_offset if files[start][1] == p_inode else 0
    offset = 0 if offset > files[start][2] else offset
found, budget = [], p_bytes_max
for path, inode, _size in files[start:]:
    with Path(path).open("rb") as file:
        file.seek(offset)
        data = file.read(budget)
    whole = data.rfind(b"\n") + 1
    # The last line of a rotated file is never finished, nor one longer than we may read.
    if (inode != files[-1][1] and len(data) < budget) or (not whole and len(data) == budget):
        whole = len(data)
    # Lines that cannot be about a refused login do not leave this function.
    found += [line for line in data[:whole].split(b"\n") if b'"28' in line]
    position = {"fileName": path, "inode": inode, "byteOffset": offset + whole}
    offset, budget = 0, budget - len(data)
    if budget <= 0:
        break
lines = b"\n".join(found).decode("utf-8", "replace").replace("\0", "?")
return json.dumps(position | {"lines": lines})
$$;
comment on function plumb.py_read_server_log(text, bigint, bigint, bigint) is
'Lines of the server''s JSON log since a position that may be about failed logins, and the new
position; null without log.';
revoke execute on function plumb.py_read_server_log(text, bigint, bigint, bigint) from public;
alter function plumb.py_read_server_log(text, bigint, bigint, bigint) owner to plumb_owner;
