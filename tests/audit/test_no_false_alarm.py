"""Writers of every kind, sealing and verifying at once: nothing is wrong, so nothing is found."""

import random
import threading
import time

import psycopg
import pytest

from .conftest import findings, seal

SETTINGS = (
    "set TimeZone = 'Asia/Kolkata'",
    "set DateStyle = 'German'",
    "set extra_float_digits = 0",
    "set bytea_output = 'escape'",
    "set IntervalStyle = 'iso_8601'",
    "set client_encoding = 'LATIN1'",
    "discard all",
    "reset all",
)
LEVELS = ("read committed", "repeatable read", "serializable")


def write(connect_session, number, until, failures):
    """Write in every way there is until the time is over."""
    choose = random.Random(number)
    session = connect_session(prepare_threshold=None)
    count = 0
    while time.monotonic() < until:
        count += 1
        key = number * 1_000_000 + count * 1000
        session.execute(choose.choice(SETTINGS))
        session.execute("set search_path = app, plumb")
        try:
            session.execute("begin isolation level " + choose.choice(LEVELS))
            session.execute("insert into app.item values (%s, 'é')", [key])
            session.execute("savepoint s")
            session.execute("update app.item set name = 'gone' where id = %s", [key])
            session.execute("rollback to s")
            if count % 5 == 0:
                session.execute(
                    "insert into app.item select i from generate_series(%s, %s) as i",
                    [key + 1, key + choose.randint(2, 300)],
                )
                session.execute(
                    "update app.item set price = 1 where id between %s and %s", [key, key + 300]
                )
            session.execute("update app.item set id = -id where id = %s", [key])
            if count % 7 == 0:
                session.execute("select 1 / 0")
            if count % 11 == 0:
                name = f"audit-{number}-{count}"
                session.execute(f"prepare transaction '{name}'")
                session.execute(f"commit prepared '{name}'")
            else:
                session.execute("commit")
        except psycopg.errors.DivisionByZero:
            session.execute("rollback")
        except psycopg.Error as error:
            failures.append(error)
            session.execute("rollback")


@pytest.mark.parametrize(
    ("writers", "seconds"), [(4, 5), pytest.param(12, 60, marks=pytest.mark.slow)]
)
def test_no_false_alarm(audit, connect, writers, seconds):
    until = time.monotonic() + seconds
    failures: list = []
    found: list = []
    threads = [
        threading.Thread(target=write, args=(connect, number, until, failures))
        for number in range(1, writers + 1)
    ]
    for thread in threads:
        thread.start()
    newest = 0
    while any(thread.is_alive() for thread in threads):
        newest = seal(audit)
        found += findings(audit, max(newest - 1, 0))
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    seal(audit)
    found += findings(audit)
    assert found == []
    assert [f for f in failures if not isinstance(f, psycopg.errors.SerializationFailure)] == []
    assert (
        audit.execute("select kind, record_key from reconcile_audit('app.item')").fetchall() == []
    )


def test_serializable_writers_fail_no_more_often_for_being_audited(audit, connect):
    sessions = [connect() for _ in range(6)]
    for attempt in range(15):
        for number, session in enumerate(sessions):
            session.execute("begin isolation level serializable")
            session.execute("insert into app.item values (%s)", [attempt * 100 + number])
        seal(audit)
        for number, session in enumerate(sessions):
            session.execute("insert into app.item values (%s)", [attempt * 100 + 50 + number])
        for session in sessions:
            session.execute("commit")
    seal(audit)
    assert findings(audit) == []
