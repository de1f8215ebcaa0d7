"""Safe mode is engaged and disengaged at once, whatever the writers of the application do."""

import random
import threading
import time
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import IsolationLevel, errors

# The promise, whatever else the machine does: nothing of it waits for a writer.
SWITCH_SECONDS_MAX = 1
ENGAGE = "select plumb.engage_safe_mode('a test', 'ops')"
DISENGAGE = "select plumb.disengage_safe_mode('s3cret', 'ops') ->> 'result'"
NEW_TOKEN = "update plumb.system_mode set override_token = 's3cret' where id = 1"
WRITE = "insert into retail.customers (name) values ('Bob')"
OVERLAPPING = 8
QUICK = 4


class Writers:
    """Sessions of the application that write all the time, and what became of each write.

    Args:
        connect: Opens a session.
        level: Their isolation level.
    """

    def __init__(self, connect, level):
        self.let_in = []
        self.refusals = set()
        self.failures = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(connect(autocommit=False), level, is_quick))
            for is_quick in [False] * OVERLAPPING + [True] * QUICK
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, session, level, is_quick):
        session.isolation_level = level
        while not self._stop.is_set():
            try:
                with session.transaction():
                    session.execute("select 1 from retail.products limit 1")
                    started_at = time.monotonic()
                    session.execute(WRITE)
                    self.let_in.append(started_at)
                    if not is_quick:
                        self._stop.wait(random.uniform(0.15, 0.3))
            except (errors.ReadOnlySqlTransaction, errors.SerializationFailure) as error:
                self.refusals.add(error.sqlstate)
                self._stop.wait(0.01)
            except psycopg.Error as error:
                self.failures.append(error)


@contextmanager
def writing(connect, level=IsolationLevel.READ_COMMITTED):
    writers = Writers(connect, level)
    writers.start()
    try:
        yield writers
    finally:
        writers.stop()
    assert writers.failures == []


@pytest.fixture
def switch(db):
    """Return a function that runs a switch and returns how long it took, in seconds."""
    db.execute("set statement_timeout = '8s'")

    def run(statement, session=db):
        started_at = time.monotonic()
        try:
            session.execute(statement)
        except errors.QueryCanceled:
            pytest.fail(f"{statement} waited for writers")
        return time.monotonic() - started_at

    return run


def flag(session):
    return session.execute("select last_value from plumb.safe_mode_flag").fetchone()[0]


def let_in_soon(writers):
    """Wait until a write that begins from now on is let in."""
    since = time.monotonic()
    while not any(started_at > since for started_at in list(writers.let_in)):
        assert time.monotonic() < since + 10, "nobody was let in again"
        time.sleep(0.01)


@pytest.mark.parametrize("level", IsolationLevel)
def test_it_switches_at_once_under_overlapping_writers(db, connect, switch, level):
    with writing(connect, level) as writers:
        for _ in range(3):
            let_in_soon(writers)
            assert switch(ENGAGE) < SWITCH_SECONDS_MAX
            engaged_at = time.monotonic()
            time.sleep(0.4)
            disengaging_at = time.monotonic()
            db.execute(NEW_TOKEN)
            assert switch(DISENGAGE) < SWITCH_SECONDS_MAX
            late = [at for at in writers.let_in if engaged_at < at < disengaging_at]
            assert late == []
        let_in_soon(writers)
    assert "25006" in writers.refusals


@pytest.mark.parametrize("level", IsolationLevel)
def test_it_engages_at_once_while_writers_look_at_a_flag_left_up(db, connect, switch, level):
    session = connect(autocommit=False)
    session.execute(ENGAGE)
    session.rollback()

    with writing(connect, level) as writers:
        let_in_soon(writers)
        assert switch(ENGAGE) < SWITCH_SECONDS_MAX


def test_the_switch_itself_may_run_in_any_isolation_level(db, connect, switch):
    with writing(connect) as writers:
        for level in IsolationLevel:
            session = connect()
            session.isolation_level = level
            let_in_soon(writers)
            assert switch(ENGAGE, session) < SWITCH_SECONDS_MAX
            db.execute(NEW_TOKEN)
            assert switch(DISENGAGE, session) < SWITCH_SECONDS_MAX


def test_the_first_writer_after_a_release_lowers_the_flag(db, connect, switch):
    with writing(connect) as writers:
        let_in_soon(writers)
        switch(ENGAGE)
        db.execute(NEW_TOKEN)
        switch(DISENGAGE)
        let_in_soon(writers)
        let_in_soon(writers)
        assert flag(db) == 0


@pytest.mark.parametrize("level", IsolationLevel)
def test_an_idle_transaction_that_wrote_holds_nothing_up(db, connect, switch, level):
    for statement in (ENGAGE, DISENGAGE):
        # Twice, so that the second finds a flag left up by the first.
        idle = connect(autocommit=False)
        idle.isolation_level = level
        if statement == ENGAGE:
            idle.execute(WRITE)
        db.execute(NEW_TOKEN)
        assert switch(statement) < SWITCH_SECONDS_MAX
    idle = connect(autocommit=False)
    idle.isolation_level = level
    idle.execute(WRITE)
    assert switch(ENGAGE) < SWITCH_SECONDS_MAX
    assert flag(db) > 0


def test_a_prepared_transaction_that_wrote_holds_nothing_up_and_may_be_committed(
    db, connect, switch
):
    for _ in range(2):
        session = connect()
        session.execute("begin")
        session.execute(WRITE)
        session.execute("prepare transaction 'a write'")
        assert switch(ENGAGE) < SWITCH_SECONDS_MAX
        db.execute("commit prepared 'a write'")
        with pytest.raises(errors.ReadOnlySqlTransaction):
            db.execute(WRITE)
        db.execute(NEW_TOKEN)
        assert switch(DISENGAGE) < SWITCH_SECONDS_MAX
    assert db.execute("select count(*) from retail.customers").fetchone() == (2,)


def test_a_statement_that_was_let_in_before_may_end(db, connect, switch):
    running = connect(autocommit=False)
    holder = connect(autocommit=False)
    db.execute(WRITE)
    holder.execute("select from retail.customers for update")
    thread = threading.Thread(
        target=lambda: running.execute("update retail.customers set name = 'Eve'")
    )
    thread.start()
    blocked = "select pg_blocking_pids(%s) <> '{}'"
    while not db.execute(blocked, [running.info.backend_pid]).fetchone()[0]:
        assert thread.is_alive()

    assert switch(ENGAGE) < SWITCH_SECONDS_MAX
    holder.rollback()
    thread.join()
    running.commit()

    assert db.execute("select name from retail.customers").fetchall() == [("Eve",)]


def test_grade_f_engages_it_under_load(db, connect, switch):
    db.execute(
        "insert into plumb.drift_scores (score, mode, invariants_holding, invariants_violated,"
        " violation_count, created_at) values (10, 'deep', 0, 7, 7, plumb.current_time())"
    )
    db.execute("select plumb.open_incident('test', 'x', 'P1', 'something')")
    session = connect(autocommit=False)
    session.execute(ENGAGE)
    session.rollback()

    with writing(connect) as writers:
        let_in_soon(writers)
        assert switch("call plumb.run_job('health', true)") < SWITCH_SECONDS_MAX
        assert db.execute("select is_safe_mode, is_automatic from plumb.safe_mode").fetchone() == (
            True,
            True,
        )


def test_an_old_snapshot_is_let_in_where_a_switch_only_was_tried(db, connect):
    for level in (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE):
        writer = connect(autocommit=False)
        writer.isolation_level = level
        writer.execute("select 1 from retail.products")
        tried = connect(autocommit=False)
        tried.execute(ENGAGE)
        writer.execute(WRITE)
        tried.rollback()
        writer.execute(WRITE)
        writer.commit()


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_a_second_switch_that_is_only_prepared_hides_the_first_from_nobody(db, connect, level):
    writer = connect(autocommit=False)
    writer.isolation_level = level
    writer.execute("select 1 from retail.products")
    db.execute(ENGAGE)
    db.execute(NEW_TOKEN)
    other = connect()
    other.execute("begin")
    other.execute(DISENGAGE)
    other.execute(ENGAGE)
    other.execute("prepare transaction 'off and on'")

    with pytest.raises(errors.SerializationFailure):
        writer.execute(WRITE)
    db.execute("rollback prepared 'off and on'")
    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_a_switch_that_somebody_left_prepared_is_named_with_the_way_out(db, connect, switch):
    session = connect()
    session.execute("begin")
    session.execute(ENGAGE)
    session.execute("prepare transaction 'it''s mine'")
    # Not committed, so writers come before it.
    db.execute(WRITE)

    started_at = time.monotonic()
    with pytest.raises(errors.LockNotAvailable, match="prepared transaction 'it''s mine'") as error:
        db.execute(ENGAGE)
    assert time.monotonic() - started_at < SWITCH_SECONDS_MAX
    assert "rollback prepared 'it''s mine';" in error.value.diag.message_hint
    db.execute("rollback prepared 'it''s mine'")


def test_a_session_that_keeps_the_row_is_named_with_the_way_out(db, connect):
    session = connect(autocommit=False)
    session.execute(NEW_TOKEN)
    pid = session.info.backend_pid

    with pytest.raises(errors.LockNotAvailable, match=f"session {pid}") as error:
        db.execute(ENGAGE)

    assert f"pg_terminate_backend({pid})" in error.value.diag.message_hint


def test_two_who_engage_at_once_both_succeed(db, connect):
    results = []
    sessions = [connect() for _ in range(6)]

    def engage(session):
        results.append(session.execute(f"{ENGAGE} ->> 'safeMode'").fetchone()[0])

    threads = [threading.Thread(target=engage, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results == ["true"] * 6
    assert db.execute("select count(*) from plumb.system_mode_changes").fetchone() == (1,)
