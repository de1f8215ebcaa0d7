-- Finds the lines about failed logins in a part of the server's log. Without input or output, so
-- that it can be tested by itself. A line that is no JSON object, or not one as PostgreSQL writes
-- it, is left out.
reset role;
create or replace function plumb.py_failed_logins(p_lines text)
returns jsonb
language plpython3u
immutable
set search_path = pg_catalog, pg_temp
as $$
import json

found = []
for line in p_lines.split("\n"):
    try:
        entry = json.loads(line)
        if entry["state_code"][:2] == "28" and entry["error_severity"] == "FATAL":
            host = entry.get("remote_host", "")
            found.append({
                "client": "" if host == "[local]" else host,
                "account": entry.get("user", ""),
                "database": entry.get("dbname", ""),
                "at": entry["timestamp"],
            })
    except (ValueError, KeyError, TypeError):
        continue
return json.dumps(found)
$$;
comment on function plumb.py_failed_logins(text) is
'Failed logins in lines of the server''s JSON log: client, account, database and when.';
revoke execute on function plumb.py_failed_logins(text) from public;
grant execute on function plumb.py_failed_logins(text) to plumb_owner;
