"""A table goes from triggers to the WAL and back while it is written, and its log has no gap."""

import threading
import time

import psycopg
import pytest
from plumbline.cli import preflight
from psycopg import errors
from psycopg.conninfo import make_conninfo

from .capturing import capture, events, rows_of
from .clusters import unreconciled
from .conftest import findings, seal


@pytest.fixture
def app(db):
    """Yield the test's connection with a table app.item."""
    db.execute("create schema app")
    db.execute("create table app.item (id integer primary key, n integer)")
    return db


def switch(db, capture, relation="app.item"):
    db.execute("select audit_table(%s::regclass, capture => %s)", [relation, capture])


@pytest.mark.parametrize("first", ["trigger", "wal"])
def test_a_table_that_is_switched_under_load_has_every_change_once_and_in_order(
    app, connect, first
):
    switch(app, first)
    app.execute("insert into app.item select i, 0 from generate_series(0, 3) as i")
    is_over = threading.Event()
    dsn = app.info.dsn
    written = [0] * 3

    def write(number):
        with psycopg.connect(dsn, autocommit=True) as session:
            session.execute("set synchronous_commit = off")
            while not is_over.is_set():
                session.execute("update app.item set n = n + 1 where id in (3, %s)", [number])
                written[number] += 1
                time.sleep(0.01)

    writers = [threading.Thread(target=write, args=[number]) for number in range(3)]
    for writer in writers:
        writer.start()
    form = first
    for _ in range(6):
        time.sleep(0.15)
        form = "wal" if form == "trigger" else "trigger"
        switch(app, form)
        capture(app)
    is_over.set()
    for writer in writers:
        writer.join()

    assert min(written) > 0
    rows_of(app, "app.item")
    for number in range(4):
        steps = app.execute(
            "select (old_row ->> 'n')::int, (new_row ->> 'n')::int from audit_log"
            " where relation = 'app.item' and op = 'UPDATE' and record_key = %s order by position",
            [str(number)],
        ).fetchall()
        count = sum(written) if number == 3 else written[number]
        assert steps == [(i, i + 1) for i in range(count)]
    assert unreconciled(app) == []
    assert findings(app) == []
    assert events(app) == []


def test_a_switch_is_a_row_of_the_log_and_takes_no_baseline(app):
    switch(app, "trigger")
    switch(app, "wal")
    switch(app, "wal")
    switch(app, "trigger")
    seal(app)

    assert app.execute(
        "select op, new_row ->> 'capture' from audit_log where record_key = 'app.item'"
        " or relation = 'app.item' order by position"
    ).fetchall() == [
        ("AUDIT", "trigger"),
        ("BASELINE", None),
        ("AUDIT", "wal"),
        ("AUDIT", "trigger"),
    ]
    assert app.execute("select relreplident from pg_class where relname = 'item'").fetchone() == (
        "d",
    )
    assert app.execute(
        "select count(*) from pg_publication_rel where prrelid = 'app.item'::regclass"
    ).fetchone() == (0,)


def test_a_replica_identity_is_put_back(app):
    app.execute("create unique index by_n on app.item (n)")
    app.execute("alter table app.item alter n set not null")
    app.execute("alter table app.item replica identity using index by_n")
    switch(app, "wal")
    app.execute("select unaudit_table('app.item')")

    assert app.execute(
        "select relreplident, (select indisreplident from pg_index"
        " where indexrelid = 'app.by_n'::regclass) from pg_class where relname = 'item'"
    ).fetchone() == ("i", True)


def test_stored_generated_columns_leave_and_enter_the_log_with_a_baseline(app):
    app.execute("alter table app.item add g integer generated always as (n * 2) stored")
    app.execute("insert into app.item values (1, 1)")
    for form in ("trigger", "wal", "trigger"):
        switch(app, form)
        app.execute("update app.item set n = n + 1")
        capture(app)
        seal(app)
        assert unreconciled(app) == []
    assert findings(app) == []


def test_the_last_table_takes_the_slot_along(app):
    switch(app, "wal")
    assert app.execute("select count(*) from pg_replication_slots").fetchone() == (1,)
    app.execute("insert into app.item values (1, 1)")
    app.execute("select unaudit_table('app.item')")
    assert rows_of(app, "app.item", "op") == [("INSERT",)]
    capture(app)
    assert app.execute("select count(*) from pg_replication_slots").fetchone() == (0,)
    assert app.execute("select count(*) from audit_capture").fetchone() == (0,)


def test_a_slot_of_a_transaction_that_was_rolled_back_goes(app):
    with app.transaction(force_rollback=True):
        switch(app, "wal")
    assert app.execute("select count(*) from pg_replication_slots").fetchone() == (1,)
    capture(app)
    assert app.execute("select count(*) from pg_replication_slots").fetchone() == (0,)


def test_what_cannot_be_captured_is_refused_in_words(app, connect):
    app.execute("create unlogged table app.fast (id integer primary key)")
    with pytest.raises(errors.DatabaseError, match=r"app\.fast is unlogged.*WAL") as unlogged:
        switch(app, "wal", "app.fast")
    assert unlogged.value.sqlstate == "PL002"
    with pytest.raises(errors.DatabaseError, match="captured by 'wall'"):
        switch(app, "wall")
    with app.transaction():
        app.execute("create table app.other (id integer primary key)")
        with (
            pytest.raises(errors.DatabaseError, match="transaction that has written"),
            app.transaction(),
        ):
            switch(app, "wal")
    app.execute("alter role plumb_replicator noreplication")
    try:
        with pytest.raises(errors.DatabaseError, match="plumb_replicator has no REPLICATION"):
            switch(app, "wal")
    finally:
        app.execute("alter role plumb_replicator replication")
    switch(app, "wal")
    with pytest.raises(errors.DatabaseError, match="unlogged"):
        app.execute("alter table app.item set unlogged")
    with app.transaction(force_rollback=True):
        app.execute("insert into app.item values (1, 1)")
        with pytest.raises(errors.DatabaseError, match="in a transaction that has written"):
            switch(app, "trigger")


def test_another_table_may_follow_in_a_transaction_that_has_written(app):
    app.execute("create table app.other (id integer primary key)")
    switch(app, "wal")
    with app.transaction():
        app.execute("insert into app.other values (1)")
        switch(app, "wal", "app.other")
        app.execute("insert into app.other values (2)")

    assert rows_of(app, "app.other", "record_key") == [("2",)]
    assert unreconciled(app) == []


def test_up_recommends_a_limit_for_the_wal_that_is_kept(app, cluster_url):
    said = []
    url = make_conninfo(cluster_url, dbname=app.info.dbname)
    preflight.check(url, report=said.append)
    switch(app, "wal")
    preflight.check(url, report=said.append)
    assert [line for line in said if "max_slot_wal_keep_size" in line] == said[-1:]


def test_an_operator_captures_with_no_more_rights_than_that(app, connect):
    app.execute("grant usage on schema app to plumb_operator")
    operator = connect(role="plumb_operator")
    operator.execute("select plumb.audit_table('app.item', capture => 'wal')")
    operator.execute("select plumb.capture_audit()")
    for call in ("plumb.read_slot(1)", "plumb.drop_slot()", "plumb.advance_slot('0/0')"):
        with pytest.raises(errors.InsufficientPrivilege):
            operator.execute(f"select {call}")
