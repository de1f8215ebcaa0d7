"""A baseline of a large table is right while others write to it, and holds none of them up."""

import contextlib
import random
import threading
import time

import pytest
from psycopg import errors

from .clusters import agreed
from .conftest import seal

ROWS = 60


@pytest.fixture
def big(audit):
    """Yield the test's connection, to which every table is a large one."""
    audit.execute("select change_setting('audit_compare_rows_max', '0')")
    audit.execute("create table app.big (id integer primary key, n integer, name text)")
    audit.execute(f"insert into app.big select i, 0, 'n' || i from generate_series(1, {ROWS}) as i")
    audit.execute("analyze app.big")
    return audit


def baselines(db):
    seal(db)
    return db.execute(
        "select new_row ->> 'rows', new_row ->> 'form' from audit_log"
        " where relation = 'app.big' and op = 'BASELINE' order by position"
    ).fetchall()


def differences(db):
    return [
        row
        for mode in ("changes", "full")
        for row in db.execute("select * from reconcile_audit('app.big', %s)", [mode]).fetchall()
    ]


def test_the_baseline_of_a_large_table_is_taken_by_the_next_verification(big):
    [(said,)] = big.execute("select audit_table('app.big', p_baseline => 'rows')").fetchall()
    assert "audit-verify will take the baseline of its about 60 rows" in said
    big.execute("update app.big set n = 1 where id = 1")
    assert baselines(big) == []
    assert [row[0] for row in differences(big)] == ["baseline_missing"] * 2

    big.execute("select run_audit_check()")

    assert baselines(big) == [("60", "rows")]
    assert differences(big) == []
    assert big.execute("select kind from open_findings").fetchall() == []


def test_a_person_takes_it_at_once(big):
    big.execute("select audit_table('app.big')")
    big.execute("select rebase_audit('app.big', 'sum')")
    assert baselines(big) == [("60", "sum")]
    assert differences(big) == []


def write(session, number, is_over, waits):
    """Change rows in every way, for as long as it takes; note how long each statement took."""
    choose = random.Random(number)
    while not is_over.is_set():
        key = choose.randint(1, ROWS)
        statement = choose.choice(
            [
                f"update app.big set n = n + 1 where id = {key}",
                f"update app.big set n = n + 1, name = 'x' where id between {key} and {key + 9}",
                f"update app.big set id = -id where id = {key}",
                f"delete from app.big where id = {key}",
                f"insert into app.big values ({key}, 0, 'new') on conflict (id) do nothing",
                f"insert into app.big select i, 1 from generate_series({key}, {key + 5}) as i"
                " on conflict (id) do update set n = excluded.n",
            ]
        )
        began = time.monotonic()
        with contextlib.suppress(errors.UniqueViolation, errors.DeadlockDetected):
            session.execute(statement)
        waits.append(time.monotonic() - began)
        time.sleep(0.004)


@pytest.mark.parametrize("how", ["rows", "sum"])
def test_whatever_is_written_meanwhile_it_is_what_the_table_held_when_it_began(big, connect, how):
    big.execute("select audit_table('app.big')")
    sessions = [connect() for _ in range(3)]
    is_over, waits = threading.Event(), []
    writers = [
        threading.Thread(target=write, args=[session, i, is_over, waits])
        for i, session in enumerate(sessions)
    ]
    for writer in writers:
        writer.start()
    try:
        for _ in range(3):
            big.execute("select rebase_audit('app.big', %s)", [how])
            seal(big)
        assert differences(big) == []
    finally:
        is_over.set()
        for writer in writers:
            writer.join()

    assert waits
    assert max(waits) < 5
    assert differences(big) == []
    assert agreed(big) == []
