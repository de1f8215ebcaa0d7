"""A request sent twice is carried out once, whatever happens in between."""

import threading

import psycopg
import pytest


@pytest.fixture
def claim(call):
    def make(key='"k-1"', request_hash="h", scope="ada POST /orders", **more):
        return call("claim_idempotency_key", scope, key, request_hash, **more)

    return make


def test_the_first_proceeds_and_a_later_one_gets_the_same_answer(call, claim):
    first = claim()
    assert (first["decision"], first["status"]) == ("proceed", 200)
    headers = psycopg.types.json.Jsonb({"Location": "/orders/1"})
    call("complete_idempotency_key", first["claimId"], 201, "made", headers)

    assert claim() == {
        "decision": "replay",
        "status": 201,
        "headers": {"Location": "/orders/1"},
        "body": "made",
    }


def test_an_error_is_replayed_like_a_success(call, claim):
    call("complete_idempotency_key", claim()["claimId"], 402, "no money")

    assert (claim()["decision"], claim()["status"]) == ("replay", 402)


def test_while_it_runs_a_second_is_told_to_wait(claim, at):
    claim()

    again = claim()

    assert (again["decision"], again["status"]) == ("in_progress", 409)
    assert again["retryAfterSeconds"] == 60


def test_another_payload_is_refused_while_it_runs_afterwards_and_when_abandoned(call, claim, at):
    first = claim()
    assert claim(request_hash="other")["status"] == 422
    at(61)
    assert claim(request_hash="other")["status"] == 422
    call("complete_idempotency_key", first["claimId"], 200, "done")

    assert claim(request_hash="other")["decision"] == "other_request"


def test_a_claim_never_answered_goes_to_whoever_asks_next(call, claim, at):
    lost = claim()
    at(61)

    successor = claim()

    assert successor["decision"] == "proceed"
    assert call("complete_idempotency_key", lost["claimId"], 200, "too late") is False
    assert call("complete_idempotency_key", successor["claimId"], 200, "done") is True
    assert claim()["body"] == "done"


def test_a_released_key_may_be_claimed_again_at_once(call, claim):
    assert call("release_idempotency_key", claim()["claimId"]) is True

    assert claim()["decision"] == "proceed"


def test_an_answer_already_given_cannot_be_released_or_changed(call, claim):
    claim_id = claim()["claimId"]
    call("complete_idempotency_key", claim_id, 200, "done")

    assert call("release_idempotency_key", claim_id) is False
    assert call("complete_idempotency_key", claim_id, 500, "else") is False
    assert claim()["body"] == "done"


def test_after_its_lifetime_a_key_is_new(call, claim, at):
    call("complete_idempotency_key", claim()["claimId"], 200, "done")
    at(86_400)

    assert claim(request_hash="other")["decision"] == "proceed"


def test_callers_and_routes_do_not_share_keys(claim):
    claim()

    assert claim(scope="bob POST /orders")["decision"] == "proceed"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"abc"', "abc"),
        ("abc", "abc"),
        ('  "abc" ', "abc"),
        (r'"a\"b\\c"', r"a\"b\c".replace(r"\"", '"')),
        ('"a b"', "a b"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("x" * 255, "x" * 255),
        ("x" * 256, None),
        ('""', None),
        ("", None),
        (None, None),
        ("a b", None),
        ('"a', None),
        ('a"', None),
        ('"a"b"', None),
        ("ä", None),
        ('"a\tb"', None),
    ],
)
def test_a_key_may_be_quoted_or_not(call, header, key):
    assert call("idempotency_key", header) == key


@pytest.mark.parametrize(
    ("key", "decision"), [(None, "missing"), ("", "missing"), ("x" * 256, "invalid")]
)
def test_without_a_usable_key_the_answer_is_400(claim, key, decision):
    assert claim(key) == {"decision": decision, "status": 400}


@pytest.mark.parametrize(("scope", "request_hash"), [("", "h"), (None, "h"), ("s", None)])
def test_a_claim_without_scope_or_hash_is_a_mistake(claim, scope, request_hash):
    with pytest.raises(psycopg.errors.Error) as error:
        claim(scope=scope, request_hash=request_hash)
    assert error.value.sqlstate == "PL002"


def test_of_two_sessions_at_once_one_proceeds_and_the_other_waits_for_its_commit(
    connect, call, claim
):
    first, second = connect(autocommit=False), connect()
    claimed = claim(on=first)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(claim(on=second)))
    waiting.start()
    # In one transaction with its work: the answer is there when the claim becomes visible.
    call("complete_idempotency_key", claimed["claimId"], 200, "done", on=first)

    first.commit()
    waiting.join(timeout=10)

    assert [answer["decision"] for answer in answers] == ["replay"]


def test_when_the_first_rolls_back_the_other_proceeds(connect, claim):
    first, second = connect(autocommit=False), connect()
    claim(on=first)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(claim(on=second)))
    waiting.start()

    first.rollback()
    waiting.join(timeout=10)

    assert [answer["decision"] for answer in answers] == ["proceed"]


def test_expired_keys_are_cleaned_and_others_kept(db, claim, at):
    claim("old")
    at(86_401)
    claim("new")

    db.execute("select plumb.prune_idempotency_keys()")

    assert db.execute("select idempotency_key from idempotency_keys").fetchall() == [("new",)]


def test_stored_answers_are_nobody_elses_business(connect):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect(role="plumb_reader").execute("select from plumb.idempotency_keys")
