"""Who may end safe mode, and what is left behind by those who try."""

import time

import pytest
from psycopg import errors

SEED_UPDATE = "UPDATE system_mode SET override_token = 'your-secret' WHERE id = 1"


def test_the_guides_update_stores_a_hash_and_never_the_token(db):
    db.execute(SEED_UPDATE)

    (stored,) = db.execute("select override_token from system_mode").fetchone()
    assert stored.startswith("sha256r20000$")
    assert "your-secret" not in stored


def test_the_guides_token_ends_safe_mode(db, engage, disengage):
    db.execute(SEED_UPDATE)
    engage()

    assert disengage("your-secret") == "disengaged"
    assert not db.execute("select plumb.is_safe_mode()").fetchone()[0]


def test_equal_tokens_have_different_hashes(db):
    db.execute(SEED_UPDATE)
    first = db.execute("select override_token from system_mode").fetchone()
    db.execute(SEED_UPDATE)

    assert db.execute("select override_token from system_mode").fetchone() != first


def test_an_operator_may_set_a_token_and_not_read_it(db, connect):
    session = connect()
    session.execute("set role plumb_operator")

    session.execute("update plumb.system_mode set override_token = 'op' where id = 1")

    with pytest.raises(errors.InsufficientPrivilege):
        session.execute("select override_token from plumb.system_mode")


def test_a_token_set_as_the_replica_role_is_hashed_too(db):
    db.execute("set session_replication_role = replica")

    db.execute("update plumb.system_mode set override_token = 'plain' where id = 1")

    (stored,) = db.execute("select override_token from plumb.system_mode").fetchone()
    assert stored.startswith("sha256r20000$")


def test_an_empty_token_is_refused(db):
    with pytest.raises(errors.Error, match="override token is empty") as error:
        db.execute("update plumb.system_mode set override_token = '' where id = 1")
    assert error.value.sqlstate == "PL002"


def test_without_a_token_set_nothing_ends_safe_mode(db, engage, disengage):
    engage()

    assert disengage("anything") == "no_token_set"
    assert disengage(None) == "no_token_set"
    assert db.execute("select plumb.is_safe_mode()").fetchone()[0]


def test_ending_what_is_not_on_is_no_error(disengage):
    assert disengage() == "not_engaged"


def test_a_token_works_once(db, engage, disengage):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    assert disengage() == "disengaged"
    engage()

    assert disengage() == "no_token_set"


@pytest.mark.parametrize("token", ["wrong", "", None])
def test_a_wrong_token_is_refused_counted_and_recorded(db, engage, disengage, token):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()

    assert disengage(token) == "wrong_token"
    assert db.execute("select override_failure_count from safe_mode").fetchone()[0] == 1
    events = db.execute("select kind, severity, actor, details from security_events").fetchall()
    assert events == [("wrong_override_token", "P2", "ops", {"failures": 1})]


def test_each_wrong_token_doubles_the_wait_up_to_a_limit(db, at, engage, disengage):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    waits = []
    for attempt in range(1, 13):
        at(f"{attempt} hours")
        assert disengage("wrong") == "wrong_token"
        (wait,) = db.execute(
            "select extract(epoch from override_locked_until - plumb.current_time())"
            " from plumb.system_mode"
        ).fetchone()
        waits.append(int(wait))

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_while_it_waits_even_the_right_token_is_not_looked_at(db, at, engage, disengage):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    disengage("wrong")

    assert disengage() == "locked"
    row = db.execute("select plumb.disengage_safe_mode('s3cret', 'ops')").fetchone()
    assert row[0]["retryAfterSeconds"] == 2
    at("3 seconds")
    assert disengage() == "disengaged"


def test_a_new_token_forgives_the_wrong_ones(db, at, engage, disengage):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    disengage("wrong")

    db.execute("update plumb.system_mode set override_token = 'another' where id = 1")

    assert disengage("another") == "disengaged"


def test_engaging_twice_keeps_the_first_reason(db, engage):
    engage()

    db.execute("select plumb.engage_safe_mode('another reason', 'someone else')")

    assert db.execute("select reason, enabled_by from safe_mode").fetchone() == (
        "a test",
        "ops@example.com",
    )
    assert db.execute("select count(*) from system_mode_changes").fetchone() == (1,)


@pytest.mark.parametrize(("reason", "name"), [("", "ops"), ("why", " "), (None, "ops")])
def test_engaging_needs_a_reason_and_a_name(db, reason, name):
    with pytest.raises(errors.Error, match="is missing: got") as error:
        db.execute("select plumb.engage_safe_mode(%s, %s)", [reason, name])
    assert error.value.sqlstate == "PL002"


def test_every_switch_is_on_record_and_in_the_outbox(db, engage, disengage):
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    disengage()

    changes = db.execute("select mode, actor from system_mode_changes order by 1 desc").fetchall()
    topics = db.execute("select topic from outbox order by message_id").fetchall()
    assert changes == [("safe", "ops@example.com"), ("normal", "ops")]
    assert topics == [("safe_mode.engaged",), ("safe_mode.disengaged",)]


@pytest.mark.parametrize(
    "statement", ["delete from plumb.system_mode", "truncate plumb.system_mode"]
)
def test_the_mode_cannot_be_lost(db, statement):
    db.execute("set session_replication_role = replica")

    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="exactly one row"):
        db.execute(statement)


def test_guessing_a_stolen_hash_is_slow(db):
    started = time.perf_counter()
    db.execute("select plumb.hash_override_token('guess', 'salt')")

    assert time.perf_counter() - started > 0.002
