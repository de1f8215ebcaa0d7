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


def start(session, statement, wait_until_blocked):
    """Run a statement in a thread and return a future for its row once it waits for a lock."""
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(lambda: session.execute(statement).fetchone())
    pool.shutdown(wait=False)
    wait_until_blocked(session)
    return future


def test_it_is_down_from_the_start(db):
    assert flag(db) == 0


def test_a_switch_that_rolled_back_leaves_it_up_until_the_next_write(db, connect):
    session = connect(autocommit=False)
    session.execute(ENGAGE)
    session.rollback()
    assert flag(db) > 0

    db.execute(WRITE)

    assert flag(db) == 0


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


@pytest.mark.parametrize("how", ["commit", "rollback"])
def test_a_writer_comes_before_a_switch_in_progress_and_leaves_the_flag(db, connect, how):
    switch, writer = connect(autocommit=False), connect()
    switch.execute(ENGAGE)

    assert writer.execute(WRITE).fetchone() == ("Bob",)
    assert flag(db) > 0

    getattr(switch, how)()
    if how == "commit":
        with pytest.raises(errors.ReadOnlySqlTransaction):
            writer.execute(WRITE)
    else:
        writer.execute(WRITE)


def test_no_writer_keeps_a_lock_on_the_mode(db, connect):
    switch, writer = connect(autocommit=False), connect(autocommit=False)
    switch.execute(ENGAGE)
    switch.rollback()

    writer.execute(WRITE)

    locks = db.execute(
        "select mode from pg_locks where relation = 'plumb.system_mode'::regclass"
        " and pid <> pg_backend_pid() and mode <> 'AccessShareLock'"
    ).fetchall()
    assert locks == []
    db.execute("select from plumb.system_mode for update nowait")


def test_it_stays_up_while_safe_mode_is_on(db, connect):
    db.execute(ENGAGE)

    assert not lower_flag(db)
    assert flag(db) > 0
    with pytest.raises(errors.ReadOnlySqlTransaction):
        connect().execute(WRITE)


def test_it_is_lowered_once_the_switch_back_is_committed(db):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    assert flag(db) > 0

    assert lower_flag(db)
    assert flag(db) == 0


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("looks", [lower_flag, lambda session: session.execute(WRITE) is None])
def test_the_transaction_that_switched_back_cannot_lower_it(db, connect, nested, looks):
    db.execute(ENGAGE)
    session = connect(autocommit=False)
    with session.transaction(force_rollback=True):
        if nested:
            # Only its subtransaction wrote: the row does not carry the outer one's number.
            with session.transaction():
                session.execute(BACK_TO_NORMAL)
        else:
            session.execute(BACK_TO_NORMAL)
        assert not looks(session)

    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_lowering_leaves_a_switch_in_progress_alone_and_does_not_wait_for_it(db, connect):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    switch, other = connect(autocommit=False), connect(options="-c lock_timeout=1")
    switch.execute(ENGAGE)

    assert not lower_flag(other)

    switch.commit()
    assert flag(db) > 0
    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_a_switch_does_not_wait_for_a_transaction_that_lowered_it(db, connect):
    db.execute(ENGAGE)
    db.execute(BACK_TO_NORMAL)
    lowering = connect(autocommit=False)
    assert lower_flag(lowering)

    db.execute("set lock_timeout = 1")
    db.execute(ENGAGE)

    with pytest.raises(errors.ReadOnlySqlTransaction):
        lowering.execute(WRITE)


def test_a_switch_that_waited_for_another_raises_it(db, connect, wait_until_blocked):
    holder, switch = connect(autocommit=False), connect()
    holder.execute("select from plumb.system_mode for update")
    engaged = start(switch, ENGAGE, wait_until_blocked)
    assert flag(db) == 0

    holder.commit()

    assert engaged.result(TIMEOUT)[0]["safeMode"]
    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


def test_a_crash_of_the_session_that_switches_is_a_rollback(db, connect):
    session = connect(autocommit=False)
    session.execute(ENGAGE)

    db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])

    db.execute(WRITE)


def test_a_switch_back_that_is_only_prepared_does_not_lower_it(db, connect):
    db.execute(ENGAGE)
    session = connect()
    session.execute("begin")
    session.execute(BACK_TO_NORMAL)
    session.execute("prepare transaction 'back'")

    assert not lower_flag(connect(options="-c lock_timeout=1"))
    with pytest.raises(errors.ReadOnlySqlTransaction):
        connect().execute(WRITE)

    db.execute("rollback prepared 'back'")
    assert flag(db) > 0


# The second is a number that no transaction of this server has reached.
@pytest.mark.parametrize("number", [0, 2**60])
def test_a_copy_restored_with_the_flag_of_another_moment_is_put_right(db, number):
    db.execute(ENGAGE)
    db.execute("select setval('plumb.safe_mode_flag', %s)", [number])

    db.execute("select plumb.run_health()")

    with pytest.raises(errors.ReadOnlySqlTransaction):
        db.execute(WRITE)


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("number", [1, 2**60])
def test_a_flag_of_another_server_stops_nobody_and_is_lowered(db, connect, level, number):
    db.execute("select setval('plumb.safe_mode_flag', %s)", [number])
    session = connect(
        options=f"-c default_transaction_isolation={level.replace(' ', chr(92) + ' ')}"
    )

    session.execute(WRITE)

    assert flag(db) == 0
