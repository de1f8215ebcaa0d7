"""The same limits counted by a real Redis, and by PostgreSQL while it is away."""

import logging
import signal
import socket
import subprocess
import time

import pytest
from plumbline.api.layers.redis_limits import RedisLimiter, retry_after_seconds
from plumbline.core.errors import PlumbError

STRANGER = {"REMOTE_ADDR": "203.0.113.7"}
START_SECONDS_MAX = 10


class Redis:
    """A redis-server of this test's own, which it may stop and start again."""

    def __init__(self, folder):
        """Choose a port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process = None

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self._process = subprocess.Popen(
            ["redis-server", *options, str(self._folder)], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def stop(self):
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)


@pytest.fixture
def redis(tmp_path):
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(db, make_app, redis):
    db.execute("update plumb.rate_limits set requests_max = 3 where route_class = 'read'")
    return make_app(redis_url=redis.url).test_client()


def get(client):
    return client.get("/system-mode", environ_overrides=STRANGER)


def counted_here(db):
    counters = "select coalesce(sum(request_count), 0) from plumb.request_counters"
    return db.execute(counters).fetchone()[0]


def kinds(db):
    return [k for (k,) in db.execute("select kind from security_events order by 1").fetchall()]


def test_redis_counts_and_postgresql_writes_nothing(db, client):
    answers = [get(client) for _ in range(4)]

    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit"] == '"read";r=2;t=60'
    assert 0 < int(answers[3].headers["Retry-After"]) <= 120
    assert counted_here(db) == 0
    assert kinds(db) == ["rate_limited"]


def test_services_on_several_machines_share_one_limit(client, make_app, redis):
    other = make_app(redis_url=redis.url).test_client()

    assert [get(c).status_code for c in (client, other, client, other)] == [200, 200, 200, 429]


def test_this_machine_is_not_limited_by_redis_either(client):
    assert [client.get("/system-mode").status_code for _ in range(5)] == [200] * 5


def test_the_window_slides_and_waiting_as_long_as_told_is_enough(redis):
    limiter = RedisLimiter(redis.url)

    def count(now):
        return limiter.count("c", "read", 10, 60, now)

    assert [count(600.0).is_admitted for _ in range(11)] == [True] * 10 + [False]
    assert count(659).is_admitted is False
    wait = count(661).retry_after_seconds

    assert count(661 + wait - 2).is_admitted is False
    assert count(661 + wait).is_admitted is True
    assert [count(690.0).is_admitted for _ in range(5)] == [True] * 4 + [False]
    limiter.close()


@pytest.mark.parametrize(
    ("current", "former", "seconds"),
    [(10, 0, 0), (10, 0, 30), (0, 10, 0), (5, 10, 15), (9, 10, 6), (10, 10, 59), (400, 3, 7)],
)
def test_how_long_to_wait_is_what_postgresql_says(db, at, current, former, seconds):
    at(seconds)
    db.execute(
        "insert into plumb.request_counters values"
        " ('c', 'read', 0, date_trunc('minute', plumb.current_time()), %s, %s, 0)",
        [current, former],
    )

    found = "select is_admitted, retry_after_seconds from plumb.count_request('c', 'read', 10, 60)"
    assert db.execute(found).fetchone() == (
        False,
        retry_after_seconds(10, 60, current, former, seconds / 60),
    )


def test_without_redis_postgresql_counts_says_so_and_somebody_is_told(
    db, client, redis, caplog, open_scopes
):
    redis.stop()
    with caplog.at_level(logging.WARNING, "plumbline.api"):
        statuses = [get(client).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
    assert counted_here(db) == 3
    assert "Redis is away" in caplog.text
    assert "rate_limiter_degraded" in kinds(db)
    assert open_scopes() == ["RATE_LIMITER_DEGRADED"]


def test_when_redis_is_back_it_counts_again_and_the_incident_clears(
    db, make_app, redis, open_scopes
):
    app = make_app(redis_url=redis.url)
    client, gate_limiter = app.test_client(), _limiter_of(app)
    redis.stop()
    get(client)
    assert open_scopes() == ["RATE_LIMITER_DEGRADED"]

    redis.start()
    # The pause ends: its clock is the only thing moved here.
    gate_limiter._clock = lambda: time.monotonic() + 6
    get(client)

    assert counted_here(db) == 1
    assert "rate_limiter_restored" in kinds(db)
    assert open_scopes() == []


def _limiter_of(app):
    layer = app.extensions["plumbline"]
    return layer.gate._limiter


def test_a_redis_that_hangs_costs_one_request_a_moment_and_the_next_nothing(client, redis):
    redis.freeze()

    started_at = time.monotonic()
    assert get(client).status_code == 200
    first = time.monotonic() - started_at
    get(client)

    assert first < 2
    assert time.monotonic() - started_at - first < first + 0.5


def test_a_url_that_makes_no_sense_stops_the_start():
    with pytest.raises(PlumbError, match="REDIS_URL"):
        RedisLimiter("http://nonsense")
