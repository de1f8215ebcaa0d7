"""A route is slow against its own past, and only enough requests prove it."""

import pytest


@pytest.fixture
def observe(db):
    """Return a function that records windows of one route, some minutes ago."""

    def record(p95_ms, minutes_ago, requests=100, errors=0):
        db.execute(
            "insert into plumb.perf_observations (source, route, request_count, error_count,"
            " p50_ms, p95_ms, p99_ms, window_started_at, window_seconds)"
            " values ('shop', 'GET /sales', %s, %s, %s, %s, %s,"
            " now() - make_interval(mins => %s), 10)",
            [requests, errors, p95_ms, p95_ms, p95_ms, minutes_ago],
        )

    return record


def slow_routes(db):
    return db.execute(
        "select route, p95_ms, baseline_ms from plumb.latency_regressions()"
    ).fetchall()


def test_a_route_that_doubled_is_named_and_clears(db, observe, open_incidents, later):
    for minute in range(20, 30):
        observe(40, minute)
    observe(200, 1)
    assert slow_routes(db) == [("GET /sales", 200, 40)]
    db.execute("select plumb.judge_latency()")
    assert open_incidents("latency") == [("regression", "P3")]

    later("20 minutes")
    db.execute("select plumb.judge_latency()")
    assert open_incidents("latency") == []


def test_few_requests_prove_nothing(db, observe):
    for minute in range(20, 30):
        observe(40, minute)
    observe(200, 1, requests=10)

    assert slow_routes(db) == []


def test_a_route_without_a_past_has_no_baseline(db, observe):
    observe(200, 1)

    assert slow_routes(db) == []


def test_what_is_quick_is_no_regression(db, observe):
    for minute in range(20, 30):
        observe(2, minute)
    observe(20, 1)

    assert slow_routes(db) == []


def test_an_outage_does_not_become_the_standard(db, observe):
    for minute in range(40, 50):
        observe(40, minute)
    for minute in range(15, 35):
        observe(5000, minute, errors=90)
    observe(200, 1)

    assert slow_routes(db) == [("GET /sales", 200, 40)]
