-- Appends a line to a file outside the database, and waits until it is on disk. The directory is
-- the operator's to protect: mounted from elsewhere, append-only (chattr +a), or both.
reset role;
create or replace function plumb.py_append_anchor(p_directory text, p_file_name text, p_line text)
returns boolean
language plpython3u
volatile
as $$
import os

path = os.path.join(p_directory, p_file_name)
try:
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o640)
    try:
        os.write(file, p_line.encode() + b"\n")
        os.fsync(file)
        data = plpy.execute("select current_setting('data_directory') as path")[0]["path"]
        return os.fstat(file).st_dev != os.stat(data).st_dev
    finally:
        os.close(file)
except OSError as error:
    plpy.error(
        f"anchor file {path} cannot be written: {error.strerror}",
        hint="The server's operating system user needs the right to create and append there.",
        sqlstate="PL006",
    )
$$;
comment on function plumb.py_append_anchor(text, text, text) is
'Append a line to a file, durably; whether it lies on another device than the data. Else PL006.';
revoke execute on function plumb.py_append_anchor(text, text, text) from public;
grant execute on function plumb.py_append_anchor(text, text, text) to plumb_owner;
