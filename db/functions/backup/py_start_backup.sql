-- Starts the installed backup agent in a session of its own and does not wait for it: pg_cron
-- cannot run pg_dump, and a job that waited would hold a snapshot all the while. The command stands
-- in a table of the superuser, and takes no input.
reset role;
create or replace function plumb.py_start_backup()
returns text
language plpython3u
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
import json
import os
import subprocess

rows = plpy.execute("select command, environment from plumb.backup_agent")
if not rows:
    return None
environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", **json.loads(rows[0]["environment"])}
log = environment.get("PLUMB_BACKUP_LOG", os.devnull)
try:
    with open(log, "wb") as output:
        subprocess.run(
            ["setsid", "--fork", *rows[0]["command"]],
            env=environment, cwd="/", check=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )
except (OSError, subprocess.SubprocessError) as error:
    plpy.error(
        f"the backup agent cannot be started: {error}",
        hint="./plumb backup schedule installs it anew.",
        sqlstate="PL006",
    )
return f"started; its output goes to {log}"
$$;
comment on function plumb.py_start_backup() is
'Start the installed backup agent and return at once; null when none is installed.';
revoke execute on function plumb.py_start_backup() from public;
grant execute on function plumb.py_start_backup() to plumb_owner;
