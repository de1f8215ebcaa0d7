"""Whatever is sent, no answer is an error of the service: every route, filled with what is odd.

The routes, their fields and parameters are asked of the service itself, so that a new route is
tried without a line here. A run has a seed, which a failure names.
"""

import json
import re
import socket
import string
import time
from contextlib import suppress
from random import Random

import pytest

MOMENTS = (
    "infinity",
    "-infinity",
    "now",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T24:00:00Z",
    "2026-02-30",
    "2026-W01-1",
    "20260101T000000Z",
    "2026-01-01T00:00:00+99:99",
    "294277-01-01T00:00:00Z",
    "2026-01-01T00:00:00.1234567890Z",
)
NUMBERS = (
    "0",
    "-0",
    "-1",
    "1",
    "9" * 9,
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "1" + "0" * 300,
    "1e400",
    "NaN",
    "Infinity",
    "0x10",
    "1_000",
    "٣",
    "1.0000000001",
    ".5",
    "+5",
    "1,5",
)
NETWORKS = (
    "0.0.0.0/0",
    "::/0",
    "203.0.113.7/33",
    "::ffff:203.0.113.7",
    "fe80::1%eth0",
    "127.0.0.1",
    "10.0.0.1.2",
    "203.0.113.7:443",
    "[::1]:80",
    "2001:db8::/129",
)
TEXTS = (
    "",
    " ",
    "x",
    "x" * 500,
    "x" * 501,
    "\0",
    "a\0b",
    "\n",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\ufffe",
    "\ud800",
    "\udfff\ud800",
    "🎉" * 250,
    "e\u0301" * 200,
    "' or 1=1 --",
    '"; drop table x; --',
    "$$",
    "%",
    "%s%n%(x)s",
    "{}",
    "{0.__class__}",
    "\\",
    "\\u0000",
    "../../etc/passwd",
    "<script>",
    "null",
    "true",
    "P1",
    "P1,P2",
    ",,,",
    "*",
    "OPEN",
    "1 day",
    "-1 days",
    "178000000 years",
    "PT1H",
    "5b5d",
    "ff",
    "5b226e6577657374222c22222c2278222c315d",
    "5b22" + "22" * 200,
)
POOL = (*MOMENTS, *NUMBERS, *NETWORKS, *TEXTS)
OTHERS = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e308,
    10**30,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    ["x"],
)
TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=utf-16",
    "APPLICATION/JSON",
    "application/json;" + "x" * 2000,
    "application/json, text/plain",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "",
    "/",
    "\u00e9",
)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"{}{}",
    b"{" + b'"a":{' * 3000,
    b"[" * 16000,
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":1e999999}',
    b'{"a":NaN}',
    b'{"a":"\\ud800"}',
    b'{"\\u0000":1}',
    b'{"a":1,"a":2}',
    b"x" * 20000,
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--\r\n",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X")
HEADERS = {
    "Authorization": ("Bearer", "Bearer x", "Bearer \u00e9", "Basic eDp5", "Bearer " + "x" * 3000),
    "Idempotency-Key": ("k", '"k"', "", " ", "x" * 256, "\u00e9", '"', "k, k"),
    "X-Forwarded-For": ("127.0.0.1", "unknown", "," * 500, "203.0.113.7, x", "\u00e9"),
    "Accept": ("*/*", "text/html", "application/json;q=x", ";;;", "x" * 3000),
    "Content-Encoding": ("gzip", "x"),
    "If-None-Match": ("*", '"x"', "W/"),
    "If-Modified-Since": ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "Range": ("bytes=0-", "bytes=-1,-1,-1", "x"),
    "Origin": ("null", "http://evil.example", "http://[", "x"),
    "Sec-Fetch-Site": ("cross-site", "same-origin", "x"),
    "Cookie": ("a=b", "=;=;" * 100, "\u00e9"),
    "X-Slack-Signature": ("v0=", "v0=" + "a" * 64),
    "X-Slack-Request-Timestamp": ("0", "-1", "x", "9" * 40),
    "X-PagerDuty-Signature": ("v1=x", "v1=" + "a" * 64, ",,"),
    "Expect": ("100-continue", "x"),
}


class Fuzz:
    """Draws requests for the routes of a service, and sends them."""

    def __init__(self, app, seed):
        """Ask the service which routes it has, and which fields and parameters each takes."""
        self.random = Random(seed)
        self.client = app.test_client()
        self.routes = []
        for rule in app.url_map.iter_rules():
            for method in sorted(rule.methods):
                self.routes.append((method, rule.rule, *self._learn(method, rule.rule)))

    def _learn(self, method, pattern):
        path = re.sub(r"<[^>]*>", "1", pattern)
        query = self._named(f"{path}?zz=1", method, r"Known are (.*)\.")
        return self._named(path, method, r"The fields are (.*)\."), query

    def _named(self, path, method, pattern):
        asked = self.client.open(path, method=method, json={"zz": "1"})
        hint = json.loads(asked.data).get("hint", "") if asked.data and asked.is_json else ""
        found = re.match(pattern, hint)
        return found[1].split(", ") if found else []

    def value(self):
        if self.random.random() < 0.15:
            return "".join(self.random.choices(string.printable, k=self.random.randrange(30)))
        return self.random.choice(POOL)

    def segment(self, _match):
        value = self.random.choice((*NUMBERS, *TEXTS, *MOMENTS, "1", "1", "1"))
        return value.encode("utf-8", "surrogatepass").decode("latin-1") or "1"

    def request(self):
        """Return a method, a path and the rest of a request."""
        draw = self.random
        method, pattern, fields, query = draw.choice(self.routes)
        if draw.random() < 0.1:
            method = draw.choice(METHODS)
        path = re.sub(r"<[^>]*>", self.segment, pattern)
        headers = [
            ("Content-Type", "application/json" if draw.random() < 0.8 else draw.choice(TYPES))
        ]
        for name in draw.sample(sorted(HEADERS), draw.choice((0, 0, 0, 1, 2))):
            headers.append((name, draw.choice(HEADERS[name])))
        chosen = [n for n in query if draw.random() < 0.5]
        if draw.random() < 0.05:
            chosen += draw.choices([*query, "zz", "", "\0"], k=2)
        arguments = [(name, self.value()) for name in chosen]
        if draw.random() < 0.1:
            body = draw.choice(BODIES)
        else:
            made = {n: self.value() for n in fields if draw.random() < 0.95}
            if made and draw.random() < 0.3:
                made[draw.choice(sorted(made))] = draw.choice(OTHERS)
            body = json.dumps(made).encode()
        return method, path, arguments, headers, body

    def send(self, method, path, arguments, headers, body):
        query = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in arguments)
        return self.client.open(
            # What werkzeug's client would refuse to send must reach the service.
            environ_overrides={
                "REQUEST_METHOD": method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "RAW_URI": path,
                **{
                    ("" if name == "Content-Type" else "HTTP_") + name.upper().replace("-", "_"): v
                    for name, v in headers
                },
            },
            data=body,
        )


def quoted(text):
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))


def fault_of(answer):
    """Return what is wrong with an answer, or nothing."""
    is_refusal = answer.status_code == 503 and b"urn:plumbline:safe-mode" in answer.data
    if answer.status_code >= 500 and not (answer.is_json or is_refusal):
        return "an error of the service"
    if answer.status_code >= 500:
        kind = answer.json.get("type", "")
        return "" if "safe-mode" in kind or "not-configured" in kind else f"status {kind}"
    # A browser gets a page.
    if (
        answer.status_code >= 400
        and answer.data
        and not (answer.is_json or answer.mimetype == "text/html")
    ):
        return "no problem as JSON"
    if answer.is_json and answer.data:
        json.loads(answer.data)
    return ""


def fuzz(make_app, db, seed, requests_max, seconds_max):
    db.execute("update plumb.rate_limits set requests_max = 1000000")
    db.execute("select plumb.change_setting('report_requests_max', '1000')")
    db.execute("select plumb.open_incident('test', 'scope', 'P3', 'title')")
    app = make_app()
    driver = Fuzz(app, seed)
    ends_at = time.monotonic() + seconds_max
    faults, statuses = [], set()
    for number in range(requests_max):
        request = driver.request()
        answer = driver.send(*request)
        statuses.add(answer.status_code)
        fault = fault_of(answer)
        if fault:
            faults.append((fault, answer.status_code, *request, answer.data[:300]))
        if number % 50 == 0:
            db.execute("update plumb.system_mode set mode = 'normal'")
        if time.monotonic() > ends_at:
            break
    assert faults == [], f"seed {seed}"
    assert {200, 400, 404, 405, 415} <= statuses
    return number


def test_no_request_is_an_error_of_the_service(make_app, db):
    assert fuzz(make_app, db, 20261130, 1500, 20) > 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_no_request_of_many_is_an_error_of_the_service(make_app, db, seed):
    fuzz(make_app, db, seed, 20000, 90)


RAW = (
    b"GET /incidents HTTP/1.1\r\nHost: {h}\r\nHost: {h}\r\n\r\n",
    b"GET /incidents\r\n\r\n",
    b"GET  /incidents HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET /incidents HTTP/9.9\r\nHost: {h}\r\n\r\n",
    b"GET \xff HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET /%zz HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"G\0T / HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nContent-Length: -1\r\n\r\n",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nContent-Length: 1, 2\r\n\r\n{{}}",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: x\r\n\r\n",
    b"POST /silences HTTP/1.1\r\nHost: {h}\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"
    b"\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {h}\r\nX: \0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {h}\r\n: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {h}\r\n folded: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {h}\r\nX: " + b"x" * 40000 + b"\r\n\r\n",
    b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00",
    b"\r\n\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"CONNECT x:1 HTTP/1.1\r\nHost: {h}\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: {h}\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
)


def test_what_is_no_request_is_refused_or_closed(service):
    host, port = service.url[7:].split(":")
    for raw in RAW:
        sent = raw.replace(b"{h}", service.url[7:].encode()).replace(b"{{}}", b"{}")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(sent)
            answer = b""
            # The service may have refused and closed already.
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    answer += part
        status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
        # 501 and 505 are of the request, not of the service.
        assert not status or status[1] < b"500" or status[1] in (b"501", b"505"), (sent, answer)
    assert service.get("/healthz")[0] == 200
    assert "Traceback" not in service.log.read_text()


def test_every_route_with_fields_or_parameters_is_filled(make_app):
    """Prove that the fuzz knows the routes' fields: it learns them from refusals."""
    app = make_app()
    known = {(m, p): (f, q) for m, p, f, q in Fuzz(app, 1).routes}

    assert known["POST", "/silences"][0]
    assert known["POST", "/system-mode/safe"][0] == ["reason", "enabledBy"]
    assert {"status", "cursor", "limit"} <= set(known["GET", "/incidents"][1])
    assert len([1 for fields, query in known.values() if fields or query]) > 15
