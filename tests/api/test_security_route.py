"""Blocks and security events over HTTP: listed, made, lifted, and refused where they would hurt."""

import pytest

BLOCK = {"client": "203.0.113.7", "reason": "scanning", "by": "ann"}
STRANGER = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def record(db):
    """Return a function that records events of a kind, the first one long ago."""

    def insert(kind, client, count):
        db.execute(
            "insert into plumb.security_events (kind, severity, client, occurred_at)"
            " select %s, 'P4', %s, timestamptz '2026-01-01 12:00+00' + make_interval(mins => n)"
            " from generate_series(1, %s) as n",
            [kind, client, count],
        )

    return insert


def test_a_block_refuses_its_client_until_it_is_lifted(client):
    made = client.post("/security/blocks", json=BLOCK)

    assert (made.status_code, made.json["blockedBy"]) == (200, "ann")
    assert [b["client"] for b in client.get("/security/blocks").json["blocks"]] == ["203.0.113.7"]
    assert client.get("/incidents", environ_overrides=STRANGER).status_code == 403

    lifted = client.delete("/security/blocks", json={"client": "203.0.113.7", "by": "bob"})

    assert lifted.json == {"client": "203.0.113.7", "unblockedBy": "bob"}
    assert client.get("/incidents", environ_overrides=STRANGER).status_code == 200
    assert client.get("/security/blocks").json == {"total": 0, "blocks": [], "nextCursor": None}


def test_a_block_lasts_as_long_as_asked_for(client):
    until = "2030-01-01T08:00:00+00:00"

    assert (
        client.post("/security/blocks", json=BLOCK | {"until": until}).json["blockedUntil"][:16]
        == (until[:16])
    )


@pytest.mark.parametrize(
    ("change", "status", "part"),
    [
        ({"client": "127.0.0.1"}, 409, "allow-list"),
        ({"client": "203.0.113.0/24"}, 409, "contains your own address"),
        ({"until": "2020-01-01T00:00:00Z"}, 400, "cannot last until"),
        ({"until": "soon"}, 400, "not a time"),
        ({"until": None}, 400, "not a text"),
        ({"days": "1"}, 400, "unknown field 'days'"),
        ({"by": " "}, 400, "field by is empty"),
    ],
)
def test_a_block_that_cannot_be_meant_is_refused(db, make_app, change, status, part):
    proxied = make_app(api_token="secret").test_client()

    answer = proxied.post(
        "/security/blocks",
        json=BLOCK | {"client": "198.51.100.7"} | change,
        headers={"Authorization": "Bearer secret"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.99"},
    )

    assert (answer.status_code, part in answer.json["detail"]) == (status, True), answer.json
    assert db.execute("select count(*) from plumb.security_blocks").fetchone() == (0,)


def test_only_an_administrator_changes_blocks(db, make_app):
    token = "t" * 40
    db.execute(
        "insert into plumb.api_tokens (name, token_hash, scope, created_at, created_by)"
        " values ('ci', encode(sha256(convert_to(%s, 'UTF8')), 'hex'), 'operate', now(), 'ann')",
        [token],
    )

    answer = (
        make_app()
        .test_client()
        .post("/security/blocks", json=BLOCK, headers={"Authorization": f"Bearer {token}"})
    )

    assert (answer.status_code, "needs admin" in answer.json["detail"]) == (403, True), answer.json


def test_lifting_what_is_not_there_is_a_404(client):
    answer = client.delete("/security/blocks", json={"client": "203.0.113.7", "by": "ann"})

    assert (answer.status_code, "is not blocked" in answer.json["detail"]) == (404, True)


def test_blocks_come_in_pages(client):
    for number in range(3):
        client.post("/security/blocks", json=BLOCK | {"client": f"203.0.113.{number}"})

    first = client.get("/security/blocks?limit=2").json
    second = client.get(f"/security/blocks?limit=2&cursor={first['nextCursor']}").json

    assert first["total"] == 3
    assert [b["client"] for b in first["blocks"] + second["blocks"]] == [
        "203.0.113.2",
        "203.0.113.1",
        "203.0.113.0",
    ]
    assert second["nextCursor"] is None


def test_events_are_filtered_and_come_in_pages(client, record):
    record("failed_login", "203.0.113.7", 3)
    record("rate_limited", "203.0.113.8", 1)

    first = client.get("/security/events?kind=failed_login&limit=2").json
    second = client.get(f"/security/events?kind=failed_login&cursor={first['nextCursor']}").json
    late = client.get("/security/events?client=::ffff:203.0.113.7&since=2026-01-01T12:03Z").json

    assert [e["occurredAt"][14:16] for e in first["events"] + second["events"]] == [
        "03",
        "02",
        "01",
    ]
    assert [e["occurredAt"][14:16] for e in late["events"]] == ["03"]
    assert client.get("/security/events?kind=RATE_LIMITED").json["events"][0]["eventCount"] == 1


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "since=x", "severity=P1"])
@pytest.mark.parametrize("path", ["blocks", "events"])
def test_a_page_that_cannot_be_meant_is_a_400(shared_client, path, query):
    assert shared_client.get(f"/security/{path}?{query}").status_code == 400


def test_a_silence_may_be_for_some_priorities(client):
    silence = {"source": "%", "scope": "%", "until": "2100-01-01T00:00Z", "reason": "r", "by": "a"}

    made = client.post("/silences", json=silence | {"priorities": ["P3", "P4"]})

    assert made.json["priorities"] == ["P3", "P4"]
    for wrong in (["P9"], [], "P3", [3]):
        assert client.post("/silences", json=silence | {"priorities": wrong}).status_code == 400
