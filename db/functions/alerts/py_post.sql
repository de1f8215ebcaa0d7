-- Sends requests: to all destinations at once, to each destination in order. Returns the raw answer
-- or the error of every request that was attempted. For example a1 and a2 for destination A, b1 and
-- b2 for B, c1 for C: a1, b1 and c1 leave together; a2 leaves when A has answered a1 with 200; B
-- answers b1 with 500, so b2 is not attempted; C never answers, so c1 ends with an error after
-- p_seconds_max. The result holds a1, a2, b1 and c1, and b2 waits for the next call.
-- Connecting, TLS and a slow answer all end with p_seconds_max. One thread, because a server
-- process must have no second one: hence asyncio, and names are resolved before it starts.
reset role;
create or replace function plumb.py_post(
    p_requests jsonb, p_seconds_max float, p_connect_seconds_max float, p_ca_file text
)
returns jsonb
language plpython3u
volatile
as $$
import asyncio, base64, contextlib, functools, json, re, socket, ssl, time

RETRIED = (b"408", b"421", b"425", b"429")

@functools.cache
def resolve(host, port):
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)

@functools.cache
def trusted():
    context = ssl.create_default_context()
    if p_ca_file:
        context.load_verify_locations(p_ca_file)
    return context

async def look_up(host, port, **_):
    return resolve(host, port)

def is_complete(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")

async def exchange(host, port, tls, text):
    opening = asyncio.open_connection(host, port, ssl=tls and trusted(), happy_eyeballs_delay=0.3)
    reader, writer = await asyncio.wait_for(opening, p_connect_seconds_max)
    raw = b""
    try:
        writer.write(text.encode())
        while len(raw) < 65536 and not is_complete(raw) and (part := await reader.read(65536)):
            raw += part
    finally:
        writer.transport.abort()
    return raw

async def send_in_order(requests, ends_at, results):
    for r in requests:
        result = {key: r[key] for key in ("deliveryId", "claimId")}
        try:
            sending = exchange(r["host"], r["port"], r["tls"], r["text"])
            raw = await asyncio.wait_for(sending, p_seconds_max)
            results.append(result | {"raw": base64.b64encode(raw).decode()})
        except Exception as error:
            results.append(result | {"error": f"{type(error).__name__}: {error}"})
            return
        # A receiver that is overloaded or broken gets no more requests in this call.
        is_refusing = raw[9:12] in RETRIED or raw[9:10] not in (b"2", b"3", b"4")
        if is_refusing or time.monotonic() > ends_at:
            return

async def send_all(queues, results):
    asyncio.get_running_loop().getaddrinfo = look_up
    ends_at = time.monotonic() + p_seconds_max
    await asyncio.gather(*(send_in_order(queue, ends_at, results) for queue in queues.values()))

queues, results = {}, []
for request in json.loads(p_requests):
    queues.setdefault(request["destination"], []).append(request)
    with contextlib.suppress(OSError):
        resolve(request["host"], request["port"])
asyncio.run(send_all(queues, results))
return json.dumps(results)
$$;
comment on function plumb.py_post(jsonb, double precision, double precision, text) is
'Send requests (destination, host, port, tls, text); a raw answer or an error for each attempted.';
revoke execute on function plumb.py_post(jsonb, double precision, double precision, text)
from public;
grant execute on function plumb.py_post(jsonb, double precision, double precision, text)
to plumb_owner;
