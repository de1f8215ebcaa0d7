"""Clients that send slowly, never finish or do not read stop no other client."""

import contextlib
import json
import resource
import socket
import time
import urllib.request

import pytest
from api_processes import running

SILENT, HALF_HEADS, HALF_BODIES, NOT_READING = 300, 64, 64, 32
# How long an answer may take while all of them hang on.
ANSWER_SECONDS_MAX = 1.0
ROUNDS = 5
HEAD = b"POST /system-mode/safe HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def many_files():
    """Let this process, which plays all the clients, open enough sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def besieged(service_database, service_db, tmp_path, many_files):
    """Yield a service beset by slow clients, and a function that sends a little more of each."""
    service_db.execute("update plumb.system_mode set mode = 'normal', override_token = null")
    with (
        running(service_database, tmp_path / "log") as service,
        contextlib.ExitStack() as clients,
    ):
        host, port = service.url.removeprefix("http://").split(":")

        def connect(data):
            client = clients.enter_context(socket.create_connection((host, int(port)), 20))
            client.sendall(data)
            return client

        for _ in range(SILENT):
            connect(b"")
        heads = [connect(b"GET /healthz HTTP/1.1\r\nHost: x\r\n") for _ in range(HALF_HEADS)]
        bodies = [connect(HEAD + b"Content-Length: 60\r\n\r\n{") for _ in range(HALF_BODIES - 2)]
        bodies.append(connect(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"))
        bodies.append(connect(HEAD + b"Content-Length: 99000000000\r\n\r\n{"))
        for _ in range(NOT_READING):
            client = connect(b"")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 2)
        # What those have asked for is work; from then on they only hang on.
        ask(service.url + "/metrics")

        def trickle():
            for client in [*heads, *bodies]:
                with contextlib.suppress(OSError):
                    client.sendall(b"X" if client in heads else b" ")

        yield service, trickle


def ask(url, body=None):
    """Return an answer's status, and within how many seconds it came, over a new connection."""
    begun_at = time.monotonic()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        answer.read()
        return answer.status, time.monotonic() - begun_at


def test_who_comes_meanwhile_is_answered_at_once(besieged):
    service, trickle = besieged
    slowest = 0.0
    for _ in range(ROUNDS):
        trickle()
        for path, body in (
            ("/healthz", None),
            ("/system-mode", None),
            ("/system-mode/safe", {"reason": "r", "enabledBy": "e"}),
        ):
            status, seconds = ask(service.url + path, body)
            slowest = max(slowest, seconds)
            assert status == 200

    assert slowest < ANSWER_SECONDS_MAX
    assert json.loads(service.get("/system-mode")[2])["safeMode"] is True


def test_it_stops_gracefully_while_they_hang_on(besieged):
    service, _trickle = besieged
    ask(service.url + "/healthz")

    begun_at = time.monotonic()
    service.process.terminate()

    assert service.process.wait(timeout=20) == 0
    assert time.monotonic() - begun_at < 15


@pytest.mark.slow
def test_a_request_that_never_ends_is_given_up(besieged):
    """A client that sends one byte a second is not waited for, however long it goes on."""
    service, _trickle = besieged
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 20) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        begun_at = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() < begun_at + 60:
                client.sendall(b"X")
                time.sleep(1)

    assert 25 < time.monotonic() - begun_at < 60
