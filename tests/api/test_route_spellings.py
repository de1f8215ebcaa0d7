"""No spelling of a path, method or host gives a request more than the plain one does.

Every route is called in every spelling with every scope, over real HTTP. What a spelling reaches,
the plain spelling must be allowed to reach, within the same class of limits.
"""

import http.client
import itertools
import json
import socket
import urllib.parse

import psycopg
import pytest
from api_processes import running
from plumbline.api import create_app
from plumbline.api.config import Config

SCOPES = ("none", "wrong", "record", "read", "operate", "admin")
# What a path is filled with: nothing that exists, so that what is admitted changes little.
ARGUMENTS = {"incident_id": 4711, "silence_id": 4711, "delivery_id": 4711, "deployment": "none"}
ARGUMENTS |= {"executive_report_id": 4711, "name": "none"}
REFUSED = {400, 401, 403, 404, 405, 501, 505}


def spellings(path):
    """Return other ways to write a path, each of which some server takes for the same."""
    first, _slash, rest = path[1:].partition("/")
    below = f"/{rest}" if rest else ""
    quoted = "".join(f"%{byte:02x}" for byte in path[1:].encode())
    yield from (f"/{path}", f"//{path}", f"///{path}", f"{path}/", f"{path}//", f"{path}/.")
    yield from (f"/.{path}", f"/./{path[1:]}", f"/x/..{path}", f"/healthz/..{path}", f"/..{path}")
    yield from (f"/%2e{path}", f"/x/%2e%2e{path}", f"/x/%252e%252e{path}", f"{path}/%2e")
    yield from (f"/{quoted}", f"/{quoted.upper()}", f"/{quoted.replace('%', '%25')}")
    yield from (f"/%2f{path[1:]}", f"%2f{path[1:]}", f"/%5c{path[1:]}", f"/\\{path[1:]}")
    yield from (
        f"{path};x=1",
        f"/{first};x=1{below}",
        f"{path}%3bx=1",
        f"{path}%20",
        f"/%20{first}",
    )
    yield from (
        f"{path}%00",
        f"{path}%0a",
        f"{path}%09",
        f"{path}%ff",
        f"{path}%c0%af",
        f"{path}.json",
    )
    yield from (path.upper(), path.title(), f"/{first.capitalize()}{below}")
    yield from (path.replace("s", "%C5%BF"), path.replace("/", "%EF%BC%8F"), path[1:] or "*")
    yield from (f"http://127.0.0.1{path}", f"http://other.example/{path}", f"{path}?", f"{path}#x")
    yield from (f"{path.replace('/', '//')}", f"{path.replace('/', '/./')}", f"/{first}%2f{rest}")


@pytest.fixture(scope="module")
def tokens(service_database):
    with psycopg.connect(service_database, autocommit=True) as connection:
        made = {"none": None, "wrong": "plumb_wrong"}
        for scope in ("record", "read", "operate", "admin"):
            made[scope] = connection.execute(
                "select plumb.create_token(%s, %s)", [f"spelling-{scope}", scope]
            ).fetchone()[0]
        connection.execute("update plumb.rate_limits set requests_max = 1000000")
        yield made
        connection.execute("update plumb.api_tokens set revoked_at = now()")
        connection.execute(
            "update plumb.rate_limits set requests_max ="
            " case route_class when 'mode' then 20 when 'read' then 600 else 120 end"
        )


@pytest.fixture(scope="module")
def proxied(service_database, tmp_path_factory):
    """Run a service that takes the address of each caller from a header."""
    log = tmp_path_factory.mktemp("spellings") / "log"
    with running(service_database, log, TRUSTED_PROXIES="127.0.0.1") as service:
        yield service


class Caller:
    """Sends requests as they are spelled, each from an address of its own, so that none is blocked.

    Every request has the body that misses each field: who may write is told which.
    """

    def __init__(self, url, tokens):
        """Connect to nothing yet."""
        self._address = urllib.parse.urlsplit(url).netloc
        self._tokens = tokens
        self._numbers = itertools.count(1)

    def __call__(self, method, target, scope, **headers):
        number = next(self._numbers)
        client = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._address}", "Connection: close"]
        lines += [f"X-Forwarded-For: {client}", "Content-Type: application/json"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if self._tokens[scope]:
            lines.append(f"Authorization: Bearer {self._tokens[scope]}")
        with socket.create_connection(self._address.split(":"), timeout=20) as connection:
            connection.sendall(("\r\n".join([*lines, "Content-Length: 2", "", "{}"])).encode())
            answer = http.client.HTTPResponse(connection, method=method)
            answer.begin()
            body = answer.read()
        # A report may have details of its own further inside.
        problem = json.loads(body) if b'"detail"' in body else {}
        detail = problem.get("detail", "") if isinstance(problem, dict) else ""
        return answer.status, answer.headers.get("RateLimit-Policy", "").partition(";")[0], detail


def is_refused(answer):
    """Tell whether nothing ran: who misses only a field was let in."""
    status, _class, detail = answer
    return status in REFUSED and not detail.startswith(("field", "unknown query parameter"))


def routes(service_database):
    app = create_app(Config(service_database))
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            start = path.index("<")
            path = path[:start] + str(ARGUMENTS.get(name, 4711)) + path[path.index(">") + 1 :]
        # Werkzeug lets HEAD in where it lets GET in.
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, path


@pytest.fixture
def caller(proxied, tokens):
    return Caller(proxied.url, tokens)


def test_no_spelling_of_a_route_gives_more_than_the_plain_one(caller, service_database):
    found = []
    for method, path in routes(service_database):
        # Scopes that the plain path treats alike are told apart by no other spelling of it.
        answers = {caller(method, path, scope): scope for scope in reversed(SCOPES)}
        for plain, scope in answers.items():
            for spelling in sorted(set(spellings(path))):
                answer = caller(method, spelling, scope)
                if is_refused(answer):
                    continue
                if is_refused(plain) or answer[1] != plain[1]:
                    found.append((method, path, spelling, scope, plain, answer))
    assert found == []


@pytest.mark.parametrize("method", ["post", "Post", "pOST", "delete", "get"])
def test_a_method_in_small_letters_is_no_way_round(caller, method):
    for scope in ("none", "read", "operate"):
        assert is_refused(caller(method, "/security/blocks", scope)) or method == "get"


@pytest.mark.parametrize(
    "header", ["X_HTTP_Method_Override", "X_HTTP_Method", "X_Method_Override", "X_Original_URL"]
)
def test_no_header_changes_method_or_path(caller, header):
    for value in ("POST", "DELETE", "/security/blocks"):
        plain = caller("GET", "/security/blocks", "read")
        assert caller("GET", "/security/blocks", "read", **{header: value})[0] == plain[0]


@pytest.mark.parametrize(
    "header", ["SCRIPT_NAME", "PATH_INFO", "X-Script-Name", "X-Forwarded-Prefix"]
)
def test_no_header_moves_the_prefix(caller, proxied, tokens, header):
    lines = f"POST /x/security/blocks HTTP/1.1\r\nHost: {proxied.url[7:]}\r\n{header}: /x\r\n"
    lines += f"Authorization: Bearer {tokens['operate']}\r\nContent-Type: application/json\r\n"
    host, port = proxied.url[7:].split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"{lines}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        assert connection.recv(100).split()[1] in (b"403", b"404", b"400")


def test_the_plain_spellings_are_told_apart(caller):
    """Prove that the test above can see a difference."""
    assert caller("POST", "/security/blocks", "operate")[0] == 403
    assert caller("POST", "/security/blocks", "admin")[2].startswith("field")
    assert caller("POST", "/silences", "operate")[2].startswith("field")
    assert caller("POST", "/silences", "read")[0] == 403
    assert caller("POST", "/silences", "none")[0] == 401
