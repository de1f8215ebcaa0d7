"""An answer decides over a rollback, so whatever has not its shape is no answer."""

import http.server
import json
import socket
import threading
import time

import pytest
from deployments import HEALTHY
from plumbline.cli.deploy import monitoring
from plumbline.cli.deploy.monitoring import NoSample, fetch_sample, parse_sample


def test_what_our_own_service_answers_is_understood(db):
    answer = db.execute("select plumb.describe_monitoring()").fetchone()[0]

    sample = parse_sample(json.dumps(answer).encode())

    assert sample["requestCount"] == 0
    assert sample["sampledAt"] == answer["sampledAt"]


@pytest.mark.parametrize(
    "said",
    [
        {"requestCount": -1},
        {"requestCount": 1.5},
        {"requestCount": "100"},
        {"requestCount": True},
        {"requestCount": 10**30},
        {"errorRate": 1.01},
        {"errorRate": 3},
        {"errorRate": float("nan")},
        {"p95Ms": float("inf")},
        {"p95Ms": "fast"},
        {"windowSeconds": -300},
        {"driftScore": 101},
        {"openP1": -1},
    ],
)
def test_a_value_that_cannot_be_is_named(said):
    with pytest.raises(NoSample, match=next(iter(said))):
        parse_sample(json.dumps(HEALTHY | said).encode())


@pytest.mark.parametrize(
    "content", [b"", b"ok", b"[]", b"null", b"{}", b'{"requestCount": 1}', b"[" * 100000, b"\xff"]
)
def test_what_has_another_shape_is_no_answer(content):
    with pytest.raises(NoSample):
        parse_sample(content)


def test_an_endless_answer_is_cut_off():
    with pytest.raises(NoSample, match="larger than"):
        parse_sample(b" " * (monitoring.ANSWER_BYTES_MAX + 1))


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_one_that_says_nothing_is_not_waited_for(listener, monkeypatch):
    monkeypatch.setattr(monitoring, "SECONDS_MAX", 0.2)
    started_at = time.monotonic()

    with pytest.raises(NoSample, match=r"did not answer|cannot be"):
        fetch_sample(f"http://127.0.0.1:{listener.getsockname()[1]}/")

    assert time.monotonic() - started_at < 2


def test_one_that_trickles_is_not_waited_for(listener, monkeypatch):
    monkeypatch.setattr(monitoring, "SECONDS_MAX", 0.3)
    stop = threading.Event()

    def trickle():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while not stop.wait(0.05):
                connection.sendall(b" ")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        with pytest.raises(NoSample, match="did not answer"):
            fetch_sample(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("target", ["file:///etc/passwd", "/elsewhere"])
def test_a_redirect_leads_to_no_file_and_in_no_circle(target):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", target)
            self.end_headers()

        def log_message(self, *_arguments):
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.05]).start()
        with pytest.raises(NoSample):
            fetch_sample(f"http://127.0.0.1:{server.server_address[1]}/")
        server.shutdown()
