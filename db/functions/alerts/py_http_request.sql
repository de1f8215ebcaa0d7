-- Renders a delivery as the text of an HTTP request, signed as docs/alerts.md describes. Without
-- input or output, so that it can be tested by itself. p_now: seconds since 1970, part of what is
-- signed.
reset role;
create or replace function plumb.py_http_request(p_request jsonb, p_now bigint)
returns text
language plpython3u
immutable
as $$
import hashlib, hmac, json, urllib.parse

request = json.loads(p_request)
url = urllib.parse.urlsplit(request["url"])
body = request["body"].encode()
headers = {
    "Host": url.netloc,
    "User-Agent": "Plumbline",
    "Content-Type": "application/json",
    "Content-Length": len(body),
    "Connection": "close",
    **request["headers"],
}
if request["signingKey"]:
    signed = b"%d." % p_now + body
    mac = hmac.new(request["signingKey"].encode(), signed, hashlib.sha256).hexdigest()
    headers["Plumb-Signature"] = f"t={p_now},v1={mac}"
target = (url.path or "/") + (url.query and "?" + url.query)
head = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
return "\r\n".join([*head, "", request["body"]])
$$;
comment on function plumb.py_http_request(jsonb, bigint) is
'A rendered delivery as HTTP/1.1, signed when it has a signing key.';
revoke execute on function plumb.py_http_request(jsonb, bigint) from public;
grant execute on function plumb.py_http_request(jsonb, bigint) to plumb_owner;
