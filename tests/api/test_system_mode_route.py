"""The switch of safe mode, and what it does to the service's own writes."""

import pytest

ON = {"reason": "manual intervention", "enabledBy": "ops@example.com"}
OFF = {"overrideToken": "your-secret", "disabledBy": "ops@example.com"}


@pytest.fixture
def safe(db):
    db.execute("select plumb.engage_safe_mode('drill', 'ops')")
    return db


def set_token(db):
    db.execute("update plumb.system_mode set override_token = 'your-secret' where id = 1")


def test_switching_it_on_twice_is_no_error_and_keeps_the_first_reason(client):
    first = client.post("/system-mode/safe", json=ON)
    second = client.post("/system-mode/safe", json=ON | {"reason": "another"})

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json["reason"] == "manual intervention"
    assert client.get("/system-mode").json["mode"] == "safe"


def test_it_ends_with_the_right_token_which_is_then_used_up(client, safe):
    set_token(safe)

    ended = client.delete("/system-mode/safe", json=OFF)

    assert ended.status_code == 200
    assert ended.json["result"] == "disengaged"
    assert safe.execute("select has_override_token from plumb.safe_mode").fetchone() == (False,)
    assert safe.execute("select last_value from plumb.safe_mode_flag").fetchone() == (0,)


def test_a_wrong_token_is_forbidden_and_counted_and_the_next_must_wait(client, safe):
    set_token(safe)

    wrong = client.delete("/system-mode/safe", json=OFF | {"overrideToken": "guess"})
    early = client.delete("/system-mode/safe", json=OFF)

    assert wrong.status_code == 403
    assert early.status_code == 429
    assert early.headers["Retry-After"] == "2"
    assert early.json["retryAfterSeconds"] == 2
    assert safe.execute("select kind from plumb.security_events").fetchall() == [
        ("wrong_override_token",)
    ]
    assert client.get("/system-mode").json["safeMode"] is True


def test_without_a_token_in_the_database_it_says_how_to_set_one(client, safe):
    answer = client.delete("/system-mode/safe", json=OFF)

    assert answer.status_code == 409
    assert "UPDATE plumb.system_mode SET override_token" in answer.json["hint"]


def test_ending_what_is_not_on_is_no_error(client):
    answer = client.delete("/system-mode/safe", json=OFF)

    assert answer.status_code == 200
    assert answer.json["result"] == "not_engaged"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "LOCK"])
def test_in_safe_mode_every_other_write_is_refused_whatever_its_path(client, safe, method):
    answer = client.open("/anything", method=method, json={})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.content_type == "application/problem+json"
    assert answer.json["detail"] == f"safe mode is on, {method} refused: drill"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_in_safe_mode_everything_can_be_read(client, safe, method):
    assert client.open("/incidents", method=method).status_code == 200


def test_another_path_that_looks_like_the_switch_is_refused(client, safe):
    for path in ("/system-mode/safe/", "/system-mode//safe", "/system-mode/safe/x"):
        assert client.post(path, json=ON).status_code == 503


def test_actions_on_incidents_are_closed_and_the_psql_way_is_named(client, db, engage):
    engage()
    refused = client.post("/incidents/1/acknowledge", json={"by": "ops"})

    assert refused.status_code == 503
    assert "select plumb.acknowledge_incident(" in refused.json["detail"]


@pytest.mark.parametrize(
    ("action", "path", "fields"),
    [
        ("acknowledge", "/incidents/{}/acknowledge", {"by": "ops"}),
        ("comment", "/incidents/{}/comments", {"comment": "seen", "by": "ops"}),
    ],
)
def test_actions_that_the_setting_names_are_open(client, db, engage, action, path, fields):
    db.execute("select plumb.open_incident('test', 'x', 'P1', 'x', 'x', 1, '')")
    (number,) = db.execute("select incident_id from plumb.incidents").fetchone()
    engage()
    db.execute("select plumb.change_setting('safe_mode_open_actions', %s)", [action])

    answer = client.post(path.format(number), json=fields)
    assert answer.status_code == 200, answer.json
    assert (
        client.post(f"/incidents/{number}/close", json={"reason": "x", "by": "ops"}).status_code
        == 503
    )
