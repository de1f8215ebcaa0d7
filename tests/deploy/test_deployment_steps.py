"""A deployment takes its steps in order, one at a time, and tells whom it must."""

import pytest
from deployments import Watched
from psycopg import errors

START = "select plumb.start_deployment(%s, 600, 'host-a', 42)"


def start(session, name="v1"):
    return session.execute(START, [name]).fetchone()[0]


def lose(db, session):
    """End a session, as its process's death does, and wait until its lock is free."""
    db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])
    session.close()


def advance(session, number, *statuses):
    for status in statuses:
        session.execute("select plumb.advance_deployment(%s, %s, 'because')", [number, status])


@pytest.mark.parametrize(
    ("status", "incidents"),
    [
        ("succeeded", []),
        ("rolled_back", [("rolled-back", "P2", "OPEN")]),
        ("rollback_failed", [("rollback-failed", "P1", "ESCALATED")]),
        ("inconclusive", [("inconclusive", "P2", "ESCALATED")]),
    ],
)
def test_each_end_tells_whom_it_must(watched, open_deployment_incidents, status, incidents):
    if status.startswith("roll"):
        watched.advance("rolling_back", "errors")

    watched.advance(status, "errors")

    assert open_deployment_incidents() == incidents


def test_the_next_success_resolves_what_was_open(watched, clock, open_deployment_incidents):
    watched.advance("inconclusive")
    assert open_deployment_incidents() != []

    Watched(watched.db, clock).advance("succeeded")

    assert open_deployment_incidents() == []


def test_a_rollback_that_failed_stops_the_next_deployment(watched):
    watched.advance("rolling_back")
    watched.advance("rollback_failed")

    gates = dict(
        watched.db.execute(
            "select gate, status from plumb.check_deployment_gates('v3', 90)"
        ).fetchall()
    )

    assert gates["NO_OPEN_P1_INCIDENTS"] == "fail"


def test_a_step_taken_twice_is_taken_once(watched, open_deployment_incidents):
    watched.advance("inconclusive")
    watched.advance("inconclusive")

    events = watched.db.execute("select status from plumb.deployment_events").fetchall()
    assert events == [("gating",), ("applying",), ("watching",), ("inconclusive",)]


@pytest.mark.parametrize("status", ["gating", "applying", "succeeded", "refused", "nonsense", None])
def test_a_step_out_of_order_is_refused(watched, status):
    watched.advance("rolling_back")

    with pytest.raises(errors.Error) as raised:
        watched.advance(status)

    assert raised.value.sqlstate == "PL005"


def test_the_second_of_two_is_refused_and_told_of_the_first(deployable, connect):
    start(deployable, "first")

    with pytest.raises(errors.Error, match="'first' runs already: gating") as raised:
        start(connect(), "second")

    assert raised.value.sqlstate == "PL004"


def test_the_next_may_start_when_the_first_ended(deployable, connect):
    first = connect()
    advance(first, start(first), "refused")
    lose(deployable, first)

    assert start(deployable, "second")


def test_one_that_lost_its_process_is_named(deployable, connect):
    killed = connect()
    advance(killed, start(killed, "first"), "applying")
    lose(deployable, killed)

    with pytest.raises(errors.Error, match=r"'first' was never finished.*applying") as raised:
        start(deployable, "second")

    assert raised.value.sqlstate == "PL005"
    assert "--recover" in raised.value.diag.message_hint


def test_a_refused_start_leaves_no_lock(deployable, connect):
    killed = connect()
    advance(killed, start(killed, "first"), "applying")
    lose(deployable, killed)
    with pytest.raises(errors.Error):
        start(deployable, "second")

    taken = connect().execute("select name, status from plumb.recover_deployment('h', 1)")

    assert taken.fetchall() == [("first", "applying")]


def test_a_living_deployment_cannot_be_taken_over(deployable, connect):
    start(deployable)

    with pytest.raises(errors.Error) as raised:
        connect().execute("select plumb.recover_deployment('h', 1)")

    assert raised.value.sqlstate == "PL004"


def test_where_all_ended_there_is_nothing_to_recover(watched):
    watched.advance("succeeded")

    with pytest.raises(errors.Error) as raised:
        watched.db.execute("select plumb.recover_deployment('h', 1)")

    assert raised.value.sqlstate == "PL001"


def test_a_rollback_that_failed_can_be_tried_again(watched, open_deployment_incidents):
    watched.advance("rolling_back")
    watched.advance("rollback_failed")

    watched.db.execute("select plumb.recover_deployment('h', 1)")
    watched.advance("rolling_back")
    watched.advance("rolled_back")

    assert open_deployment_incidents() == [("rolled-back", "P2", "OPEN")]


def test_a_lost_connection_is_resumed_unless_somebody_took_over(deployable, connect):
    lost = connect()
    number = start(lost)
    lose(deployable, lost)
    resume = "select plumb.resume_deployment(%s, 'host-a', 42)"
    back = connect()
    back.execute(resume, [number])
    lose(deployable, back)
    other = connect()
    other.execute("select plumb.recover_deployment('host-b', 43)")

    with pytest.raises(errors.Error) as while_it_works:
        connect().execute(resume, [number])
    lose(deployable, other)
    with pytest.raises(errors.Error) as afterwards:
        connect().execute(resume, [number])

    assert while_it_works.value.sqlstate == "PL004"
    assert afterwards.value.sqlstate == "PL005"


def test_a_killed_process_calls_a_person(deployable, connect, clock, open_deployment_incidents):
    deployable.execute("select plumb.watch_deployments()")
    killed = connect()
    number = start(killed)
    assert "is gating" in watch(deployable)
    lose(deployable, killed)
    assert "for a moment" in watch(deployable)

    clock.forward(120)
    assert "lost its process" in watch(deployable)
    assert open_deployment_incidents() == [("lost", "P2", "ESCALATED")]

    deployable.execute("select plumb.recover_deployment('h', 1)")
    advance(deployable, number, "interrupted")

    assert open_deployment_incidents() == []


def watch(db):
    return db.execute("select plumb.watch_deployments()").fetchone()[0]


@pytest.mark.parametrize("seconds", [None, -1, 0, 59, 86401])
def test_a_watch_too_short_or_endless_is_refused(deployable, seconds):
    with pytest.raises(errors.Error) as raised:
        deployable.execute("select plumb.start_deployment('v1', %s)", [seconds])

    assert raised.value.sqlstate == "PL002"


def test_old_deployments_go(watched, clock):
    watched.advance("succeeded")
    clock.forward(366 * 86400)

    watched.db.execute("select plumb.prune_history()")

    for table in ("deployments", "deployment_events", "deployment_gates"):
        assert watched.db.execute(f"select from plumb.{table}").fetchall() == []


def test_the_report_counts_what_was_taken_back(watched):
    watched.advance("rolling_back")
    watched.advance("rolled_back")

    counted = dict(
        watched.db.execute(
            "select measure, value from plumb.summarize_deployments("
            "plumb.current_time() - interval '1 h', plumb.current_time() + interval '1 h')"
        ).fetchall()
    )

    assert counted["deployments_rolled_back"] == 1
    assert counted["deployments_inconclusive"] == 0
