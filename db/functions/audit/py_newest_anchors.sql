-- Reads back the newest anchors of a file outside the database, and no more of it than the limit:
-- one line a minute is 100 MB in a year. A file that is not there yet, or that the server may only
-- append to, has none.
reset role;
create or replace function plumb.py_newest_anchors(
    p_directory text, p_file_name text, p_bytes_max integer
)
returns jsonb
language plpython3u
volatile
as $$
import json
import os

def is_anchor(line):
    try:
        anchor = json.loads(line)
        return {"log", "sealId", "sealHash"} <= anchor.keys()
    except (ValueError, AttributeError):
        return False

try:
    with open(os.path.join(p_directory, p_file_name), "rb") as file:
        start = max(os.fstat(file.fileno()).st_size - p_bytes_max, 0)
        file.seek(start)
        lines = file.read(p_bytes_max).decode(errors="replace").splitlines()
except OSError:
    lines = []
    start = 0
# The first line of a cut is most likely the end of one.
whole = lines[1:] if start else lines
return "[" + ",".join(line for line in whole if is_anchor(line)) + "]"
$$;
comment on function plumb.py_newest_anchors(text, text, integer) is
'The anchors in the last bytes of a file, as a JSON array; empty when it cannot be read.';
revoke execute on function plumb.py_newest_anchors(text, text, integer) from public;
grant execute on function plumb.py_newest_anchors(text, text, integer) to plumb_owner;
