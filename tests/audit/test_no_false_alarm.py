"""Writers of every kind, sealing and verifying at once: nothing is wrong, so nothing is found."""

import random
import threading
import time

import psycopg
import pytest

from .clusters import agreed, unreconciled
from .conftest import findings, seal

# Each may change how a value is written as text, so each could change what is hashed.
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
# A column of every type that a setting changes the text of; what each row gets in them.
COLUMNS = (
    "id integer primary key, name text, price numeric, ratio double precision, size real,"
    " picture bytea, lasted interval, seen_at timestamptz, seen_on date, tags text[]"
)
VALUES = (
    "'é', 1.10, 0.1::double precision + 0.2, 1.1::real / 3, '\\x00ff5c'::bytea,"
    " interval '1 year 2 mons -3 days 04:05:06.7', clock_timestamp(), current_date,"
    " array['a,b', null, 'ö']"
)


def write_singly(session, key, choose):
    session.execute(f"insert into app.every select %s::integer, {VALUES}", [key])
    session.execute("update app.every set ratio = ratio / 3 where id = %s", [key])


def write_in_bulk(session, key, choose):
    last = key + choose.randint(2, 300)
    rows = "generate_series(%s::integer, %s) as i"
    session.execute(f"insert into app.every select i, {VALUES} from {rows}", [key, last])
    between = "id between %s and %s"
    session.execute(f"update app.every set lasted = lasted * 2 where {between}", [key, last])
    session.execute(f"delete from app.every where {between} and id %% 3 = 0", [key + 1, last])


def write_and_take_back(session, key, choose):
    write_singly(session, key, choose)
    session.execute("savepoint s")
    session.execute("update app.every set name = 'gone' where id = %s", [key])
    session.execute(f"insert into app.every select %s::integer, {VALUES}", [key + 1])
    session.execute("rollback to s")
    session.execute("update app.every set id = -id where id = %s", [key])


def write_by_copy(session, key, choose):
    with session.cursor().copy("copy app.every (id, ratio, picture) from stdin") as copy:
        for i in range(choose.randint(1, 50)):
            copy.write_row((key + i, 1 / (i + 1), "\\x00ff"))


def write_by_merge(session, key, choose):
    write_in_bulk(session, key, choose)
    session.execute(
        "merge into app.every as e using generate_series(%s::integer, %s) as i on e.id = i"
        " when matched and i %% 2 = 0 then delete"
        " when matched then update set size = e.size + 1"
        " when not matched then insert (id, seen_at) values (i, now())",
        [key, key + 310],
    )


def fail(session, key, choose):
    write_in_bulk(session, key, choose)
    session.execute("select 1 / 0")


WAYS = (write_singly, write_in_bulk, write_and_take_back, write_by_copy, write_by_merge, fail)


def write(connect_session, number, until, failures, done):
    """Write in every way there is until the time is over, as clients of a pool do."""
    choose = random.Random(number)
    session = connect_session(prepare_threshold=None)
    count = 0
    while time.monotonic() < until:
        count += 1
        key = number * 10_000_000 + count * 1000
        way, level = WAYS[count % len(WAYS)], choose.choice(LEVELS)
        session.execute(choose.choice(SETTINGS))
        try:
            session.execute("begin isolation level " + level)
            way(session, key, choose)
            if count % 4 == 0:
                name = f"audit-{number}-{count}"
                session.execute(f"prepare transaction '{name}'")
                session.execute(f"commit prepared '{name}'")
            else:
                session.execute("commit")
            done.add((way, level))
        except psycopg.errors.DivisionByZero:
            session.execute("rollback")
            done.add((way, level))
        except psycopg.Error as error:
            failures.append(error)
            session.execute("rollback")


@pytest.mark.parametrize(
    ("writers", "seconds"), [(4, 5), pytest.param(12, 60, marks=pytest.mark.slow)]
)
def test_no_false_alarm(audit, connect, writers, seconds):
    audit.execute(f"create table app.every ({COLUMNS})")
    audit.execute("select audit_table('app.every')")
    until = time.monotonic() + seconds
    failures: list = []
    found: list = []
    done: set = set()
    threads = [
        threading.Thread(target=write, args=(connect, number, until, failures, done))
        for number in range(1, writers + 1)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        newest = seal(audit)
        found += findings(audit, max(newest - 1, 0))
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    seal(audit)
    assert found == []
    assert agreed(audit) == []
    assert unreconciled(audit) == []
    # Index pages that writers share make SERIALIZABLE fail without any audit log as well.
    assert [f for f in failures if not isinstance(f, psycopg.errors.SerializationFailure)] == []
    assert {way for way, _level in done} == set(WAYS)


def write_own_table(session, number, times):
    """Read and write a table that nobody else touches; returns how often that failed."""
    failed = 0
    for count in range(times):
        try:
            session.execute("begin isolation level serializable")
            session.execute(f"select sum(v) from app.own_{number}")
            session.execute(f"insert into app.own_{number} values (%s, 1)", [count])
            session.execute(f"update app.own_{number} set v = v + 1 where id > %s", [count - 3])
            session.execute(f"delete from app.own_{number} where id < %s", [count - 20])
            session.execute("commit")
        except psycopg.errors.SerializationFailure:
            session.execute("rollback")
            failed += 1
    return failed


def test_serializable_writers_who_share_nothing_never_fail_for_being_audited(audit, connect):
    writers, times = 6, 25
    failed = {"bare": 0, "audited": 0}
    for kind in failed:
        for number in range(writers):
            audit.execute(f"drop table if exists app.own_{number}")
            audit.execute(f"create table app.own_{number} (id integer primary key, v integer)")
            if kind == "audited":
                audit.execute(f"select audit_table('app.own_{number}')")
        sessions = [connect() for _ in range(writers)]
        counts = [0] * writers

        def work(number, sessions=sessions, counts=counts):
            counts[number] = write_own_table(sessions[number], number, times)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            seal(audit)
            time.sleep(0.01)
        failed[kind] = sum(counts)
    seal(audit)
    assert failed == {"bare": 0, "audited": 0}
    assert findings(audit) == []


def outcome_of(db, sessions, schedule, table):
    """Play a schedule, one statement at a time; returns which transactions failed."""
    db.execute(f"truncate {table}")
    db.execute(f"insert into {table} select i, 0 from generate_series(1, 60) as i")
    failed = set()
    for session in sessions:
        session.execute("begin isolation level serializable")
    for number, statement in [*schedule, *((n, "commit") for n in range(len(sessions)))]:
        if number in failed:
            continue
        try:
            sessions[number].execute(statement.format(table=table))
        except psycopg.errors.SerializationFailure:
            sessions[number].execute("rollback")
            failed.add(number)
    return failed


def random_schedule(choose, writers):
    """Return statements of several sessions in one order: each writes its own rows and reads any.

    Nobody waits for anybody, so the order is the same whenever it is played.
    """
    schedule = []
    for _ in range(writers * 4):
        number = choose.randrange(writers)
        own, other = number * 10 + choose.randint(1, 9), choose.randint(1, 60)
        schedule.append(
            (
                number,
                choose.choice(
                    (
                        f"select v from {{table}} where id = {other}",
                        f"update {{table}} set v = v + 1 where id = {own}",
                        f"delete from {{table}} where id = {own}",
                        f"insert into {{table}} values ({1000 + len(schedule)}, 1)",
                    )
                ),
            )
        )
    return schedule


def test_the_same_schedule_fails_the_same_serializable_transactions_audited_or_not(audit, connect):
    for name in ("bare", "audited"):
        audit.execute(
            f"create table app.{name} (id integer primary key, v integer)"
            " with (autovacuum_enabled = off)"
        )
    audit.execute("select audit_table('app.audited')")
    sessions = [connect() for _ in range(5)]
    choose = random.Random(1)
    outcomes = {"app.bare": [], "app.audited": []}
    for _ in range(40):
        schedule = random_schedule(choose, len(sessions))
        for table, seen in outcomes.items():
            seen.append(outcome_of(audit, sessions, schedule, table))
            seal(audit)
    assert outcomes["app.audited"] == outcomes["app.bare"]
    # It would prove nothing if none of them, or all, had failed.
    count = sum(len(failed) for failed in outcomes["app.bare"])
    assert 0 < count < 40 * len(sessions)
    assert findings(audit) == []
