-- Parses the raw answer of a receiver: status, body, and how long it asks to wait. Without input or
-- output, so that it can be tested by itself. p_now: seconds since 1970, for a Retry-After that
-- names a moment.
reset role;
create or replace function plumb.py_http_answer(p_raw bytea, p_now bigint)
returns jsonb
language plpython3u
immutable
as $$
import email.utils, http.client, io, json, types

try:
    # HTTPResponse wants a socket, but asks it for nothing but a file.
    answer = http.client.HTTPResponse(types.SimpleNamespace(makefile=lambda _: io.BytesIO(p_raw)))
    answer.begin()
    body = answer.read(1000).decode(errors="replace").replace("\0", "?")
except (http.client.HTTPException, ValueError) as error:
    return json.dumps({"error": f"not an HTTP answer: {type(error).__name__}"})
retry_after = answer.headers.get("Retry-After", "")
moment = email.utils.parsedate_tz(retry_after)
if retry_after.isdecimal():
    seconds = int(retry_after[:9])
else:
    seconds = max(0, email.utils.mktime_tz(moment) - p_now) if moment else None
return json.dumps({"statusCode": answer.status, "body": body, "retryAfterSeconds": seconds})
$$;
comment on function plumb.py_http_answer(bytea, bigint) is
'The bytes of an HTTP answer as statusCode, body and retryAfterSeconds, or as error.';
revoke execute on function plumb.py_http_answer(bytea, bigint) from public;
grant execute on function plumb.py_http_answer(bytea, bigint) to plumb_owner;
