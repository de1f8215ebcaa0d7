"""What an application reports of its requests is counted, or refused with the value in words."""

import json

import psycopg
import pytest

WHOLE = {"route": "*", "requestCount": 1000, "errorCount": 80, "p95Ms": 20, "windowSeconds": 10}


@pytest.fixture
def report(db, connect):
    """Return a function that reports rows as an application does; it returns what was said."""
    session = connect(role="plumb_api")

    def send(*rows, source="shop"):
        query = "select plumb.record_requests(%s, %s)"
        return session.execute(query, [source, json.dumps(rows)]).fetchone()[0]

    return send


def traffic(db):
    return db.execute(
        "select observation_count, request_count, error_count, p95_ms from plumb.recent_traffic()"
    ).fetchone()


def gate(db, name="ERROR_RATE"):
    return db.execute(
        "select value, status, reason from plumb.measure_deployment_gates() where gate = %s", [name]
    ).fetchone()


def test_routes_without_a_total_are_summed_up(db, report):
    count = report(
        WHOLE | {"route": "GET /", "requestCount": 900, "errorCount": 80, "p95Ms": 10},
        WHOLE | {"route": "POST /sales", "requestCount": 100, "errorCount": 0, "p95Ms": 110},
    )

    assert count == 2
    assert traffic(db) == (1, 1000, 80, 20)
    assert gate(db) == ("8.000 %", "fail", "80 of 1000 requests failed")


def test_routes_beside_their_total_are_not_counted_twice(db, report):
    report(WHOLE, WHOLE | {"route": "GET /"}, WHOLE | {"route": "GET /", "endedSecondsAgo": 10})

    assert traffic(db)[:3] == (2, 2000, 160)


def test_what_may_be_left_out_is_unknown_and_never_zero(db, report):
    report({"route": "*", "requestCount": 100, "errorCount": 0, "windowSeconds": 10})

    assert traffic(db) == (1, 100, 0, None)
    assert gate(db)[1] == "pass"
    assert db.execute("select status, points from plumb.measure_latency(15)").fetchone() == (
        "unknown",
        0,
    )

    report(WHOLE | {"requestCount": 300, "errorCount": 0, "p95Ms": 40})

    assert traffic(db) == (2, 400, 0, 40)


def test_a_window_without_requests_is_a_reporter_that_is_idle(db, report):
    report({"route": "*", "requestCount": 0, "errorCount": 0, "windowSeconds": 10})

    assert gate(db) == ("idle", "pass", "no requests")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"p95": 20}, "unknown member 'p95'"),
        ({"RequestCount": 1}, "unknown member 'RequestCount'"),
        ({"requestCount": "1000"}, 'requestCount is "1000", not a whole number from 0'),
        ({"requestCount": 1.5}, "requestCount is 1.5, not a whole number"),
        ({"requestCount": None}, "requestCount is missing"),
        ({"errorCount": -1}, "errorCount is -1, not a whole number"),
        ({"errorCount": True}, "errorCount is true, not a whole number"),
        ({"errorCount": 1001}, "errorCount 1001 is more than requestCount 1000"),
        ({"windowSeconds": 0}, "windowSeconds is 0, not a number from 0.000001"),
        ({"windowSeconds": "10s"}, 'windowSeconds is "10s", not a number'),
        ({"windowSeconds": 86401}, "windowSeconds is 86401, not a number"),
        ({"endedSecondsAgo": -5}, "endedSecondsAgo is -5, not a number from 0"),
        ({"endedSecondsAgo": "2030-01-01"}, 'endedSecondsAgo is "2030-01-01", not a number'),
        ({"p95Ms": [20]}, "p95Ms is [20], not a number"),
        ({"p99Ms": 10**10}, "p99Ms is 10000000000, not a number from 0 to 1000000000"),
        ({"p99Ms": 1e300}, "p99Ms is 1000000"),
        ({"route": ""}, 'route is "", not a text'),
        ({"route": 7}, "route is 7, not a text"),
        ({"route": None}, "route is missing"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(db, report, row, complaint):
    with pytest.raises(psycopg.Error) as refused:
        report(WHOLE, WHOLE | row)

    assert refused.value.sqlstate == "PL002"
    assert f"observation 2 cannot be recorded: {complaint}" in refused.value.diag.message_primary
    assert "docs/performance.md" in refused.value.diag.message_hint
    assert traffic(db)[0] == 0


@pytest.mark.parametrize("row", ["*", 7, None, [], [WHOLE]])
def test_a_row_that_is_no_object_is_refused(report, row):
    with pytest.raises(psycopg.Error, match=r"observation 1 cannot be recorded: it is .*, not an"):
        report(row)


@pytest.mark.parametrize(
    ("errors", "requests", "status"),
    [
        (0, 1, "pass"),
        (1, 13, "pass"),
        (1, 1, "unknown"),
        (1, 2, "unknown"),
        (1, 3, "pass"),
        (2, 13, "fail"),
        (3, 3, "fail"),
        (1, 50, "pass"),
        (2, 50, "fail"),
        (30, 1000, "pass"),
        (31, 1000, "fail"),
    ],
)
def test_few_requests_are_judged_as_if_the_least_number_had_come(
    db, report, errors, requests, status
):
    report(WHOLE | {"requestCount": requests, "errorCount": errors})

    assert gate(db)[1] == status


def test_the_gate_says_that_too_few_requests_came(db, report):
    report(WHOLE | {"requestCount": 13, "errorCount": 1})

    assert gate(db) == (
        "7.692 %",
        "pass",
        "1 of 13 requests failed, judged as 1 of 50 (traffic_requests_min)",
    )
    db.execute("select plumb.change_setting('traffic_requests_min', '10')")
    assert gate(db) == ("7.692 %", "fail", "1 of 13 requests failed")


def test_one_failure_among_few_does_not_cost_health_either(db, report):
    component = "select status, points, value, reason from plumb.measure_error_rate(15)"
    report(WHOLE | {"requestCount": 13, "errorCount": 1})

    status, points, value, reason = db.execute(component).fetchone()

    assert (status, points) != ("bad", 0)
    assert float(value) == 7.692
    assert "judged as 1 of 50" in reason
