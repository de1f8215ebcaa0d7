"""GET /incidents, GET /incidents/<id> and GET /invariants/status."""

import pytest


@pytest.fixture
def open_incident(db):
    def open_one(scope, priority="P3", source="test"):
        return db.execute(
            "select plumb.open_incident(%s, %s, %s, %s)",
            [source, scope, priority, f"{scope} is off"],
        ).fetchone()[0]

    return open_one


def scopes(answer):
    return [incident["scope"] for incident in answer.json["incidents"]]


def test_open_incidents_come_most_urgent_and_oldest_first(client, open_incident):
    open_incident("a", "P3")
    open_incident("b", "P1")
    open_incident("c", "P1")
    open_incident("d", "P2")

    answer = client.get("/incidents")

    assert scopes(answer) == ["b", "c", "d", "a"]
    assert answer.json["total"] == 4
    assert answer.json["nextCursor"] is None


def test_a_resolved_incident_is_shown_only_when_asked_for(client, db, open_incident):
    open_incident("kept")
    open_incident("repaired")
    db.execute("select plumb.resolve_incident('test', 'repaired', 'gone')")

    assert scopes(client.get("/incidents")) == ["kept"]
    assert scopes(client.get("/incidents?status=RESOLVED")) == ["repaired"]
    assert scopes(client.get("/incidents?status=resolved,open")) == ["kept", "repaired"]


def test_incidents_are_filtered_by_priority_source_and_time(client, db, open_incident):
    open_incident("a", "P1", "invariant")
    open_incident("b", "P2", "security")
    db.execute("update plumb.incidents set opened_at = '2020-01-01' where scope = 'a'")

    assert scopes(client.get("/incidents?priority=P1,P3")) == ["a"]
    assert scopes(client.get("/incidents?source=security")) == ["b"]
    assert scopes(client.get("/incidents?since=2020-01-02T00:00:00Z")) == ["b"]
    assert scopes(client.get("/incidents?since=2019-12-31T23:00:00-02:00")) == ["b"]
    assert scopes(client.get("/incidents?since=2020-01-01T01:00:00+02:00")) == ["a", "b"]


@pytest.mark.parametrize(
    ("sort", "expected"), [("priority", "0369147258"), ("newest", "9876543210")]
)
def test_pages_follow_each_other_without_gap_or_repetition(client, open_incident, sort, expected):
    for number in range(10):
        open_incident(str(number), f"P{number % 3 + 1}")
    seen, cursor = "", ""
    while cursor is not None:
        answer = client.get(
            f"/incidents?limit=3&sort={sort}" + (f"&cursor={cursor}" * bool(cursor))
        )
        seen += "".join(scopes(answer))
        cursor = answer.json["nextCursor"]
        # Opened between two pages, before the place reached: it must shift nothing.
        if len(seen) == 3 and sort == "newest":
            open_incident("late", "P1")

    assert seen == expected


def test_a_full_last_page_has_no_next(client, open_incident):
    for number in range(4):
        open_incident(str(number))

    first = client.get("/incidents?limit=2").json
    last = client.get(f"/incidents?limit=2&cursor={first['nextCursor']}").json

    assert last["nextCursor"] is None
    assert len(last["incidents"]) == 2


def test_an_incident_tells_its_story_and_shows_its_evidence(client, db, open_incident):
    incident_id = open_incident("NO_NEGATIVE_STOCK", "P1")
    db.execute("select plumb.resolve_incident('test', 'NO_NEGATIVE_STOCK', 'gone')")

    incident = client.get(f"/incidents/{incident_id}").json

    assert incident["incidentId"] == incident_id
    assert incident["status"] == "RESOLVED"
    assert [step["event"] for step in incident["timeline"]] == ["opened", "resolved"]
    assert incident["timeline"][1]["fromStatus"] == "OPEN"
    assert {"takenAt", "violations", "activity", "locks", "jobs"} <= set(incident["snapshot"])


@pytest.mark.parametrize("number", ["4711", "9223372036854775807"])
def test_an_incident_that_does_not_exist_is_not_found(client, number):
    answer = client.get(f"/incidents/{number}")

    assert answer.status_code == 404
    assert answer.json["detail"] == f"there is no incident {number}"


@pytest.mark.parametrize("name", ["x", "-1", "1.5", "9223372036854775808", "1/2"])
def test_what_is_no_incident_number_is_no_path(client, name):
    assert client.get(f"/incidents/{name}").status_code == 404


def test_a_violation_is_shown_with_its_invariant_and_lowers_the_drift_score(client, db):
    assert client.get("/invariants/status").json["driftScore"] is None
    db.execute("set session_replication_role = replica")
    db.execute(
        "insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)"
        " values (99, 99, 1, 1, 1)"
    )
    db.execute("update plumb.invariants set auto_correct = null")
    db.execute("select plumb.check_invariants()")

    status = client.get("/invariants/status").json

    assert status["driftScore"] < 100
    assert status["stale"] is False
    assert status["violationCount"] == len(status["recentViolations"]) == 1
    assert status["recentViolations"][0]["invariant"] == "NO_ORPHANED_SALE_ITEMS"
    assert "which sales does not have" in status["recentViolations"][0]["explanation"]
    found = {i["name"]: i["status"] for i in status["invariants"]}
    assert found.pop("NO_ORPHANED_SALE_ITEMS") == "violated"
    assert set(found.values()) == {"holds"}

    db.execute("delete from retail.sale_items")
    db.execute("select plumb.check_invariants()")

    repaired = client.get("/invariants/status").json
    assert (repaired["driftScore"], repaired["violationCount"]) == (100, 0)
    assert repaired["recentViolations"][0]["clearedAt"] is not None
