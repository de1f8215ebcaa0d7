"""What is captured from the WAL is compared with its log like any table."""

import threading

import psycopg
import pytest
from psycopg import errors

from .capturing import capture, events, rows_of
from .clusters import unreconciled
from .conftest import findings, seal, tamper


@pytest.fixture
def app(db):
    """Yield the test's connection with a captured table app.item of three rows."""
    db.execute("create schema app")
    db.execute("create table app.item (id integer primary key, n integer)")
    db.execute("insert into app.item select i, 0 from generate_series(1, 3) as i")
    db.execute("select audit_table('app.item', capture => 'wal')")
    seal(db)
    return db


def differences(db, mode="full"):
    return db.execute(
        "select kind, record_key from reconcile_audit('app.item', %s)", [mode]
    ).fetchall()


def while_writing(db, write, is_over, look):
    """Return what four looks show while a thread writes and the job reads the WAL."""
    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = []
        for _ in range(4):
            found.append(look())
            capture(db)
            seal(db)
    finally:
        is_over.set()
        writer.join()
    return found


def unseen(db, statement):
    """Change a table behind the back of the log, as a repair in a copy of its files would."""
    db.execute("alter publication plumb_audit drop table app.item")
    db.execute(statement)
    db.execute("alter publication plumb_audit add table app.item")


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_what_was_not_read_yet_is_no_difference(app, mode):
    app.execute("update app.item set n = 1 where id = 1")
    app.execute("delete from app.item where id = 2")
    assert differences(app, mode) == []


def test_what_no_log_shows_is_found(app):
    unseen(app, "update app.item set n = 5 where id = 1")
    assert differences(app) == [("table_differs", None), ("row_differs", "1")]
    unseen(app, "insert into app.item values (9, 9)")
    app.execute("update app.item set n = 7 where id = 9")
    assert ("row_unlogged", "9") not in differences(app)
    assert ("row_differs", "1") in differences(app)


@pytest.mark.parametrize("mode", [pytest.param("changes", marks=pytest.mark.slow), "full"])
def test_under_load_only_what_is_wrong_is_found(app, mode):
    unseen(app, "update app.item set n = 1000000 where id = 3")
    if mode == "changes":
        app.execute("update app.item set id = 4 where id = 3")
        unseen(app, "update app.item set n = 0 where id = 4")
        capture(app)
        seal(app)
    is_over = threading.Event()

    def write():
        with psycopg.connect(app.info.dsn, autocommit=True) as session:
            session.execute("set synchronous_commit = off")
            while not is_over.is_set():
                session.execute("update app.item set n = n + 1 where id < 3")
                session.execute("insert into app.item values (7, 7)")
                session.execute("delete from app.item where id = 7")

    found = while_writing(app, write, is_over, lambda: differences(app, mode))
    wrong = ("row_differs", "3") if mode == "full" else ("row_differs", "4")
    assert [set(f) - {("table_differs", None)} for f in found] == [{wrong}] * 4


def test_a_table_without_a_key_is_compared_under_load(app):
    app.execute("create table app.loose (v integer)")
    app.execute("select audit_table('app.loose', capture => 'wal')")
    is_over = threading.Event()

    def write():
        with psycopg.connect(app.info.dsn, autocommit=True) as session:
            while not is_over.is_set():
                session.execute("insert into app.loose values (1)")

    query = "select kind from reconcile_audit('app.loose')"
    found = while_writing(app, write, is_over, lambda: app.execute(query).fetchall())
    assert found == [[]] * 4


def test_a_baseline_begins_with_what_was_committed_before_it(app):
    app.execute("update app.item set n = 1")
    app.execute("select rebase_audit('app.item', 'rows', 'me', 'a test')")
    app.execute("update app.item set n = 2")
    capture(app)
    seal(app)

    assert unreconciled(app) == []
    query = "select op from audit_log where relation = 'app.item' order by position"
    one = ["BASELINE", *3 * ["SNAPSHOT"], *3 * ["UPDATE"]]
    assert [op for (op,) in app.execute(query)] == 2 * one
    with app.transaction(force_rollback=True):
        app.execute("update app.item set n = 3")
        with pytest.raises(errors.DatabaseError, match="transaction that has written"):
            app.execute("select rebase_audit('app.item')")


def test_ddl_is_followed_as_ever(app):
    app.execute("update app.item set n = 1")
    app.execute("alter table app.item add x integer default 4")
    app.execute("alter table app.item alter n type bigint")
    app.execute("alter table app.item rename to thing")
    app.execute("update app.thing set n = 2 where id = 1")
    assert app.execute("select run_audit_check(true)").fetchone()
    capture(app)
    seal(app)
    assert app.execute("select * from reconcile_audit('app.thing')").fetchall() == []
    assert findings(app) == []
    assert app.execute("select kind from check_audit()").fetchall() == []


def test_a_dropped_and_a_recreated_table_end_and_begin_in_the_log(app):
    app.execute("update app.item set n = 1 where id = 1")
    app.execute("drop table app.item")
    app.execute("create table app.item (id integer primary key, n integer)")
    app.execute("insert into app.item values (1, 5)")
    capture(app)
    seal(app)

    assert app.execute(
        "select capture from audited_tables where relation = 'app.item'"
    ).fetchall() == [("wal",)]
    assert unreconciled(app) == []
    assert app.execute(
        "select op from audit_log where 'app.item' in (relation, record_key)"
        " and op <> 'SNAPSHOT' order by position"
    ).fetchall()[2:] == [
        (op,) for op in ("UPDATE", "DDL", "UNAUDIT", "AUDIT", "BASELINE", "INSERT")
    ]


def test_a_detached_partition_gets_its_identity_back_and_an_attached_one_is_captured(app):
    app.execute(
        "create table app.part (id integer primary key) partition by range (id);"
        " create table app.low partition of app.part for values from (0) to (10);"
        " create table app.high (id integer primary key)"
    )
    app.execute("select audit_table('app.part', capture => 'wal')")
    app.execute("alter table app.part attach partition app.high for values from (10) to (20)")
    app.execute("alter table app.part detach partition app.low")
    app.execute("insert into app.part values (12)")
    app.execute("insert into app.low values (2)")
    app.execute("update app.part set id = 13")

    assert rows_of(app, "app.part", "op, record_key") == [("INSERT", "12"), ("UPDATE", "12")]
    assert app.execute(
        "select relname, relreplident from pg_class where relname in ('low', 'high') order by 1"
    ).fetchall() == [("high", "f"), ("low", "d")]


def test_no_table_inherits_from_a_captured_one(app):
    with pytest.raises(errors.DatabaseError, match="no table may inherit"):
        app.execute("create table app.child () inherits (app.item)")


def test_a_changed_replica_identity_is_an_event_and_asks_for_a_baseline(app):
    app.execute("alter table app.item replica identity default")
    app.execute("update app.item set n = 4 where id = 1")
    capture(app)
    assert ("old_row_incomplete", "app.item", "app.item") in events(app)
    assert app.execute(
        "select needs_baseline from audited_tables where relation = 'app.item'"
    ).fetchone() == (True,)


def test_what_is_erased_is_erased_from_what_was_not_read_yet(app):
    app.execute("alter table app.item add name text")
    app.execute("insert into app.item values (4, 4, 'Ada')")
    app.execute("select redact_audit('app.item', '4', '{name}', 'asked for')")
    capture(app)
    seal(app)
    assert app.execute(
        "select count(*) from audit_log where new_row::text like '%Ada%'"
    ).fetchone() == (0,)
    assert findings(app) == []


def test_an_edit_of_the_log_is_found_as_ever(app):
    app.execute("update app.item set n = 1 where id = 1")
    capture(app)
    seal(app)
    tamper(
        app, 'update audit_blocks set lines = replace(lines, \'"n": 0, "id"\', \'"n": 9, "id"\')'
    )
    assert {kind for kind, _, _ in findings(app)} == {"row_altered"}
