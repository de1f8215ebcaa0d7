"""The flag only says when to look at the mode; being wrong about it may cost time, never safety."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import errors

ENGAGE = "select plumb.engage_safe_mode('a test', 'ops')"
WRITE = "insert into retail.customers (name) values ('Bob') returning name"
TIMEOUT = 10
BACK_TO_NORMAL = "update plumb.system_mode set mode = 'normal'"


def flag(session):
    return session.execute("select last_value from plumb.safe_mode_flag").fetchone()[0]


def lower_flag(session):
    return session.execute("select plumb.lower_safe_mode_flag()").fetchone()[0]


def start(observer, session, statement):
    """Run a statement in a thread and return a future for its row once it waits for a lock."""
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(lambda: session.execute(statement).fetchone())
    pool.shutdown(wait=False)
    pid = session.info.backend_pid
    blocked = "select cardinality(pg_blocking_pids(%s)) > 0"
    while not observer.execute(blocked, [pid]).fetchone()[0]:
        assert not future.done(), "it did not wait"
    return future


def test_it_is_down_from_the_start(db):
    assert flag(db) == 0


def test_a_switch_that_rolled_back_leaves_it_up_and_writes_work(db, connect):
    session = connect(autocommit=False)
    session.execute(ENGAGE)
    session.rollback()

    assert flag(db) == 1
    db.execute(WRITE)


def test_it_is_lowered_by_the_health_job_after_such_a_switch(db, connect):
    session = connect(autocommit=False)
    session.execute(ENGAGE)
    session.rollback()

    db.execute("select plumb.run_health()")

    assert flag(db) == 0


def test_a_switch_by_plain_update_raises_it_too_even_as_the_replica_role(db, connect):
    db.execute("set session_replication_role = replica")
    db.execute("update plumb.system_mode set mode = 'safe', reason = 'by hand'")

    with pytest.raises(errors.ReadOnlySqlTransaction, match="by hand"):
        connect().execute(WRITE)


def test_a_writer_waits_for_a_switch_in_progress_and_obeys_it(db, connect):
    switch, writer = connect(autocommit=False), connect()
    switch.execute(ENGAGE)
    write = start(db, writer, WRITE)

    switch.commit()

    assert isinstance(write.exception(TIMEOUT), errors.ReadOnlySqlTransaction)


def test_a_writer_goes_on_when_the_switch_it_waited_for_rolled_back(db, connect):
    switch, writer = connect(autocommit=False), connect()
    switch.execute(ENGAGE)
    write = start(db, writer, WRITE)

    switch.rollback()

    assert write.result(TIMEOUT) == ("Bob",)


def test_it_stays_up_while_safe_mode_is_on(db, connect):
    db.execute(ENGAGE)

    assert not lower_flag(db)
    assert flag(db) == 1
    with pytest.raises(errors.ReadOnlySqlTransaction):
        connect().execute(WRITE)


def test_it_is_lowered_once_the_switch_back_is_committed(db):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    assert flag(db) == 1

    assert lower_flag(db)
    assert flag(db) == 0


@pytest.mark.parametrize("nested", [False, True])
def test_the_transaction_that_switched_back_cannot_lower_it(db, connect, nested):
    db.execute(ENGAGE)
    session = connect(autocommit=False)
    with session.transaction(force_rollback=True):
        if nested:
            # Only its subtransaction wrote: the row does not carry the outer one's number.
            with session.transaction():
                session.execute(BACK_TO_NORMAL)
        else:
            session.execute(BACK_TO_NORMAL)
        assert not lower_flag(session)

    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_lowering_waits_for_a_switch_in_progress_and_then_leaves_it_up(db, connect):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    switch, other = connect(autocommit=False), connect()
    switch.execute(ENGAGE)
    lowering = start(db, other, "select plumb.lower_safe_mode_flag()")

    switch.commit()

    assert lowering.result(TIMEOUT) == (False,)
    assert flag(db) == 1
    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_a_switch_waits_for_a_lowering_in_progress_and_raises_it_again(db, connect):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    lowering, switch = connect(autocommit=False), connect()
    assert lower_flag(lowering)
    engaged = start(db, switch, ENGAGE)
    assert flag(db) == 0

    lowering.commit()

    assert engaged.result(TIMEOUT)[0]["safeMode"]
    assert flag(db) == 1
    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_a_crash_of_the_session_that_switches_is_a_rollback(db, connect):
    session = connect(autocommit=False)
    session.execute(ENGAGE)

    db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])

    assert flag(db) == 1
    db.execute(WRITE)


def test_a_switch_back_that_is_only_prepared_does_not_lower_it(db, connect):
    db.execute(ENGAGE)
    session = connect()
    session.execute("begin")
    session.execute(BACK_TO_NORMAL)
    session.execute("prepare transaction 'back'")
    other = connect()
    lowering = start(db, other, "select plumb.lower_safe_mode_flag()")

    db.execute("rollback prepared 'back'")

    assert lowering.result(TIMEOUT) == (False,)
    assert flag(db) == 1


def test_a_copy_restored_with_the_flag_of_another_moment_is_put_right(db):
    db.execute(ENGAGE)
    db.execute("select setval('plumb.safe_mode_flag', 0)")

    db.execute("select plumb.run_health()")

    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)
