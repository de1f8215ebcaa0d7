"""Who may call: tokens with a scope, kept as hashes, refused once revoked or expired."""

import hashlib

import psycopg
import pytest


def digest(token):
    return hashlib.sha256(token.encode()).hexdigest()


@pytest.fixture
def use(ask):
    def request(token, method="POST", route="/incidents/1/acknowledge", **more):
        return ask(
            method=method,
            route=route,
            p_token_hash=digest(token) if token else None,
            p_token_rule="auto",
            **more,
        )

    return request


def test_a_token_is_shown_once_and_stored_as_a_hash(db, call):
    token = call("create_token", "grafana", "read")

    assert token.startswith("plumb_")
    assert len(token) == len("plumb_") + 43
    stored = db.execute("select t::text from plumb.api_tokens as t").fetchone()[0]
    assert token not in stored
    assert digest(token) in stored


@pytest.mark.parametrize(
    ("scope", "method", "route", "decision"),
    [
        ("read", "GET", "/incidents", "admit"),
        ("read", "POST", "/incidents/1/acknowledge", "scope_too_small"),
        ("operate", "POST", "/incidents/1/acknowledge", "admit"),
        ("operate", "POST", "/security/blocks", "scope_too_small"),
        ("admin", "POST", "/security/blocks", "admit"),
        ("admin", "GET", "/incidents", "admit"),
        ("record", "POST", "/requests", "admit"),
        ("record", "GET", "/incidents", "scope_too_small"),
        ("record", "POST", "/incidents/1/acknowledge", "scope_too_small"),
        ("record", "POST", "/security/blocks", "scope_too_small"),
        ("record", "POST", "/requests/x", "scope_too_small"),
        ("operate", "POST", "/requests", "admit"),
        ("read", "POST", "/requests", "scope_too_small"),
    ],
)
def test_a_scope_allows_what_it_says(call, use, scope, method, route, decision):
    token = call("create_token", "somebody", scope)

    assert use(token, method, route)["decision"] == decision


def test_a_revoked_token_is_refused_from_the_next_request_on(call, use):
    token = call("create_token", "ops", "operate")
    assert use(token)["decision"] == "admit"

    call("revoke_token", "ops")

    assert (use(token)["decision"], use(token)["status"]) == ("invalid_token", 401)
    assert use(token, "GET", "/incidents")["decision"] == "invalid_token"


def test_an_expired_token_is_refused(call, use, at):
    token = call("create_token", "ops", "operate", 1)

    at(86_400)

    assert use(token)["decision"] == "invalid_token"


def test_writes_need_a_token_as_soon_as_one_may_write(call, use):
    call("create_token", "grafana", "read")
    assert use(None)["decision"] == "admit"

    call("create_token", "ops", "operate")

    assert (use(None)["decision"], use(None)["status"]) == ("token_required", 401)
    assert use(None, "GET", "/incidents")["decision"] == "admit"


def test_reading_needs_a_token_when_the_setting_says_so(call, use):
    token = call("create_token", "grafana", "read")
    call("change_setting", "reads_need_token", "true")

    assert use(None, "GET", "/incidents")["decision"] == "token_required"
    assert use(token, "GET", "/incidents")["decision"] == "admit"


def test_guessing_tokens_ends_in_a_block(use, at):
    decisions = [use(f"guess-{n}")["decision"] for n in range(11)]

    assert decisions == ["invalid_token"] * 10 + ["blocked"]


def test_every_call_that_writes_is_on_record_before_it_is_carried_out(db, call, use):
    token = call("create_token", "ops", "operate")
    known = use(token, p_source="plumbline-api")
    use(None)
    use(token, "GET", "/incidents")

    history = "select source, actor, scope, client, method, status, decision from call_history"
    assert db.execute(history).fetchall() == [
        ("", "nobody", "", "203.0.113.7", "POST", 401, "token_required"),
        ("plumbline-api", "ops", "operate", "203.0.113.7", "POST", None, "admit"),
    ]
    call("finish_call", known["apiCallId"], 409)
    call("finish_call", known["apiCallId"], 200)

    assert db.execute(history + " where actor = 'ops'").fetchone()[5] == 409


@pytest.mark.parametrize(
    ("name", "scope", "days"),
    [
        ("", "read", None),
        ("a b", "read", None),
        ("x" * 101, "read", None),
        (None, "read", None),
        ("ops", "root", None),
        ("ops", None, None),
        ("ops", "read", 0),
        ("ops", "read", 3651),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(call, name, scope, days):
    with pytest.raises(psycopg.errors.Error) as error:
        call("create_token", name, scope, days)
    assert error.value.sqlstate == "PL002"


def test_a_name_is_used_once_at_a_time(call):
    call("create_token", "ops", "read")
    with pytest.raises(psycopg.errors.Error, match="already"):
        call("create_token", "ops", "admin")
    call("revoke_token", "ops")

    call("create_token", "ops", "admin")

    with pytest.raises(psycopg.errors.Error, match="no live token"):
        call("revoke_token", "nobody")


def test_neither_hashes_nor_their_making_are_for_everybody(connect, call):
    for role in ("plumb_reader", "plumb_operator", "plumb_api"):
        session = connect(role=role)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select token_hash from plumb.api_tokens")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            call("create_token", "ops", "admin", on=session)
    assert (
        connect(role="plumb_reader").execute("select name from plumb.token_list").fetchall() == []
    )
