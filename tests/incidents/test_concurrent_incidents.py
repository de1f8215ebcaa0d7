"""Two sessions that see the same problem at once raise one alert."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

OPEN = "select plumb.open_incident('test', 'twice', 'P1', 'seen by two')"


@pytest.mark.parametrize("level", ["READ_COMMITTED", "REPEATABLE_READ"])
def test_two_sessions_open_one_incident(db, connect, wait_until_blocked, level):
    first, second = connect(autocommit=False), connect(autocommit=False)
    for session in (first, second):
        session.isolation_level = psycopg.IsolationLevel[level]
        session.execute("select 1 from plumb.settings")
    opened = first.execute(OPEN).fetchone()

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(second.execute, OPEN)
        wait_until_blocked(second)
        first.commit()
        if level == "READ_COMMITTED":
            assert waiting.result(timeout=10).fetchone() == opened
            second.commit()
        else:
            with pytest.raises(psycopg.errors.SerializationFailure):
                waiting.result(timeout=10)

    count = "select count(*), count(*) filter (where topic = 'incident.opened') from outbox"
    expected = (2, 1) if level == "READ_COMMITTED" else (1, 1)
    assert db.execute(count).fetchone() == expected
    assert db.execute("select count(*) from incidents").fetchone() == (1,)


def test_two_rounds_at_once_find_each_violation_once(shop, connect):
    shop.execute("update stock set quantity = -1")
    sessions = [connect(), connect()]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda s: s.execute("select plumb.check_invariants()"), sessions))
    rows = shop.execute("select scope, attempts from incidents order by 1").fetchall()
    assert rows == [("NO_NEGATIVE_STOCK", 1), ("STOCK_MOVEMENT_BALANCE", 1)]
    assert shop.execute("select count(*) from invariant_violations").fetchone() == (4,)
