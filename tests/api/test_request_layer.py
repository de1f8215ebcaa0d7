"""The layers in front of any WSGI application, and what they report."""

import json

import psycopg
import pytest
from plumbline.api.database import Database
from plumbline.api.layers.latency import OTHER_ROUTES, ROUTES_MAX, Histogram, LatencyTracker
from plumbline.api.layers.request import RequestLayer
from werkzeug.test import Client

OBSERVED = (
    "select source, route, request_count, error_count from plumb.perf_observations order by 2"
)


def shop(environ, start_response):
    """Be somebody else's application: it counts its calls and fails when told to."""
    environ["plumbline.route"] = "/sales"
    if environ["PATH_INFO"] == "/crash":
        raise RuntimeError("crashed")
    status = "500 Oh" if environ["PATH_INFO"] == "/fail" else "200 OK"
    start_response(status, [("Content-Type", "text/plain")])
    return [b"sold"]


@pytest.fixture
def layer(db):
    database = Database(db.info.dsn)
    layer = RequestLayer(shop, database, "shop", window_seconds=3600)
    yield layer
    layer.stop()
    database.close()


def test_an_application_behind_it_inherits_safe_mode(db, layer):
    client = Client(layer)
    assert client.post("/sales").status_code == 200

    db.execute("select plumb.engage_safe_mode('drill', 'ops')")

    refused = client.post("/sales")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "30"
    assert refused.json["type"] == "urn:plumbline:problem:safe-mode"
    assert client.get("/sales").status_code == 200


def test_requests_are_reported_by_route_and_in_total(db, layer):
    client = Client(layer)
    client.get("/sales/1", buffered=True)
    client.get("/sales/2", buffered=True)
    client.get("/fail", buffered=True)
    with pytest.raises(RuntimeError):
        client.get("/crash")

    layer.stop()

    assert db.execute(OBSERVED).fetchall() == [
        ("shop", "*", 4, 2),
        ("shop", "GET /sales", 4, 2),
    ]
    percentiles = "select p50_ms, p95_ms, p99_ms from plumb.perf_observations"
    for p50, p95, p99 in db.execute(percentiles):
        assert 0 < p50 <= p95 <= p99


def test_what_safe_mode_refused_is_not_the_applications_error(db, layer):
    db.execute("select plumb.engage_safe_mode('drill', 'ops')")
    Client(layer).post("/sales")

    layer.stop()

    assert db.execute(OBSERVED).fetchall() == [("shop", "*", 0, 0)]


def test_a_window_without_requests_is_reported_so_silence_is_not_death(db, layer):
    traffic = "select status, reason from plumb.measure_latency(15)"
    assert db.execute(traffic).fetchone() == ("unknown", "no requests are reported")

    layer.start()
    layer.stop()

    assert db.execute(traffic).fetchone() == ("idle", "no requests")


def test_a_clock_that_is_wrong_does_not_move_a_window(db):
    row = {
        "route": "*",
        "requestCount": 1,
        "errorCount": 0,
        "p50Ms": 1,
        "p95Ms": 2,
        "p99Ms": 3,
        "windowSeconds": 10,
        "endedSecondsAgo": 60,
    }

    db.execute("select plumb.record_requests('shop', %s)", [json.dumps([row])])

    age = db.execute(
        "select extract(epoch from now() - window_started_at) from plumb.perf_observations"
    ).fetchone()[0]
    assert 69 < age < 75


@pytest.mark.parametrize(
    ("source", "observations"),
    [
        ("", "[]"),
        ("x" * 201, "[]"),
        ("shop", "{}"),
        ("shop", "null"),
        ("shop", json.dumps([{}] * 1001)),
        ("shop", "[{}]"),
        ("shop", '[{"route": "*", "requestCount": "many", "errorCount": 0, "windowSeconds": 1}]'),
        (
            "shop",
            '[{"route": "*", "requestCount": -1, "errorCount": 0, "windowSeconds": 1,'
            ' "endedSecondsAgo": 0}]',
        ),
    ],
)
def test_observations_that_make_no_sense_are_refused(service_db, source, observations):
    with pytest.raises(psycopg.Error) as error:
        service_db.execute("select plumb.record_requests(%s, %s)", [source, observations])

    assert error.value.sqlstate == "PL002"
    assert error.value.diag.message_hint


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self):
        return self.now


class Receiver:
    """Where rows go in place of the database, so that a test decides when it is away."""

    is_failing = False

    def __init__(self):
        """Have received nothing."""
        self.rows = []

    def __call__(self, text):
        if self.is_failing:
            raise OSError("away")
        self.rows += json.loads(text)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture
def tracker(clock, receiver):
    return LatencyTracker(receiver, clock)


def test_what_could_not_be_sent_is_sent_later_with_its_age(tracker, clock, receiver):
    receiver.is_failing = True
    tracker.record("GET /a", 0.1, False)
    clock.now += 10
    assert tracker.flush() is False

    receiver.is_failing = False
    clock.now += 10
    assert tracker.flush() is True

    ages = [(row["route"], row["requestCount"], row["endedSecondsAgo"]) for row in receiver.rows]
    assert ages == [("*", 1, 10), ("GET /a", 1, 10), ("*", 0, 0)]
    assert {row["windowSeconds"] for row in receiver.rows} == {10}


def test_memory_is_bounded_however_long_the_database_is_away(clock, receiver):
    tracker = LatencyTracker(receiver, clock, backlog_rows_max=20)
    receiver.is_failing = True
    for _ in range(70):
        clock.now += 10
        tracker.flush()
    receiver.is_failing = False
    tracker.flush()

    assert len(receiver.rows) == 20
    assert tracker.dropped_row_count == 50
    assert receiver.rows[-1]["endedSecondsAgo"] == 0


def test_a_window_is_sent_and_dropped_with_all_of_its_routes(clock, receiver):
    sent = []
    tracker = LatencyTracker(lambda text: sent.append(json.loads(text)), clock)
    tracker._send, send = receiver, tracker._send
    receiver.is_failing = True
    for _ in range(30):
        for route in range(99):
            tracker.record(f"GET /{route}", 0.1, False)
        clock.now += 10
        tracker.flush()
    assert tracker.dropped_row_count == 1000
    tracker._send = send
    tracker.flush()

    assert sum(len(batch) for batch in sent) == 2000
    for batch in sent:
        assert batch[0]["route"] == "*"
        assert len(batch) <= 1000
        totals = [row["requestCount"] for row in batch if row["route"] == "*"]
        assert sum(totals) == sum(row["requestCount"] for row in batch if row["route"] != "*")


def test_memory_is_bounded_however_many_routes_there_are(tracker, clock, receiver):
    for number in range(10 * ROUTES_MAX):
        tracker.record(f"GET /{number}", 0.1, False)
    clock.now += 10
    tracker.flush()

    counts = {row["route"]: row["requestCount"] for row in receiver.rows}
    assert len(counts) == ROUTES_MAX + 2
    assert counts["*"] == 10 * ROUTES_MAX
    assert counts[OTHER_ROUTES] == 9 * ROUTES_MAX


@pytest.mark.parametrize("scale", [0.05, 1.0, 500.0])
def test_a_percentile_is_off_by_less_than_a_twentieth(scale):
    histogram = Histogram()
    values = [scale * (1 + (n * 7919) % 1000) for n in range(1000)]
    for value in values:
        histogram.add(value, False)

    for share in (0.5, 0.95, 0.99):
        exact = sorted(values)[int(share * 1000) - 1]
        assert histogram.percentile_ms(share) == pytest.approx(exact, rel=0.05)


def test_without_requests_there_is_no_percentile():
    assert Histogram().percentile_ms(0.95) is None


@pytest.mark.parametrize("milliseconds", [0, -1, 1e12, 0.01, 600_000])
def test_an_impossible_latency_is_counted_all_the_same(milliseconds):
    histogram = Histogram()

    histogram.add(milliseconds, True)

    assert histogram.error_count == 1
    assert 0.01 <= histogram.percentile_ms(0.5) <= 600_000
