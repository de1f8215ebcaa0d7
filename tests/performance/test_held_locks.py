"""What stops the jobs without doing anything is found and named, with the way to end it."""

import pytest


@pytest.fixture
def prepared(db, connect):
    """Prepare a transaction that locks a row which sealing needs, and roll it back at the end."""
    session = connect(autocommit=False)
    session.execute("select plumb.seal_audit()")
    session.execute("prepare transaction 'left over'")
    session.commit()
    yield
    db.execute("rollback prepared 'left over'")


def test_a_prepared_transaction_is_named_with_the_way_to_end_it(db, look, later, prepared):
    later("10 minutes")
    found = look("prepared_transactions")
    assert (found["status"], found["unit"]) == ("warning", "s")
    assert "'left over' of role postgres" in found["why"]
    assert "rollback prepared" in found["remedy"]
    later("2 hours")
    assert look("prepared_transactions")["status"] == "critical"

    held = look("held_locks")
    assert held["status"] == "critical"
    assert "the prepared transaction 'left over' of role postgres locks" in held["why"]
    assert "audit_blocks" in held["why"]


def test_no_prepared_transaction_is_no_problem(look):
    assert look("prepared_transactions")["status"] == "ok"
    assert look("held_locks")["status"] == "ok"


def test_a_session_that_keeps_a_row_of_ours_is_named_and_goes(db, connect, look, later):
    holder = connect(autocommit=False, application_name="psql of Eve")
    holder.execute("select plumb.open_incident('test', 'scope', 'P4', 'mine')")
    later("10 minutes")

    found = look("held_locks")
    assert found["status"] == "critical"
    assert str(holder.info.backend_pid) in found["why"]
    assert "psql of Eve" in found["why"]
    assert "incidents" in found["why"]
    assert "pg_terminate_backend" in found["remedy"]
    holder.rollback()
    assert look("held_locks")["status"] == "ok"


def test_reading_holds_nobody_up(connect, look, later):
    reader = connect(autocommit=False)
    reader.execute("select count(*) from plumb.incidents")
    later("10 hours")

    assert look("held_locks")["status"] == "ok"


def test_what_becomes_an_incident_is_resolved_by_ending_it(db, connect, later):
    holder = connect(autocommit=False)
    holder.execute("select plumb.open_incident('test', 'scope', 'P4', 'mine')")
    later("10 minutes")
    db.execute("select plumb.run_perf()")
    opened = "select priority, status from plumb.incidents where scope = 'held_locks'"
    assert db.execute(opened).fetchall() == [("P2", "OPEN")]

    holder.rollback()
    db.execute("select plumb.run_perf()")
    assert db.execute(opened).fetchall() == [("P2", "RESOLVED")]
