"""A transaction that changed a guarded table by DDL does not outlive the moment of engaging."""

import threading

import psycopg
import pytest
from psycopg import errors

BLIND = {
    "the guard is disabled": "alter table own.item disable trigger plumb_safe_mode",
    "the guard is dropped": "drop trigger plumb_safe_mode on own.item",
    "the guard is renamed and dropped": "alter trigger plumb_safe_mode on own.item rename to zz;"
    " drop trigger zz on own.item",
    "the table is detached": "alter table own.whole detach partition own.item",
    "the table is moved": "alter table own.item set schema free",
    "within a savepoint": "savepoint a; alter table own.item disable trigger plumb_safe_mode;"
    " release savepoint a",
}


@pytest.fixture
def mallory(db, connect):
    """Yield a transaction of a role that owns a guarded partition."""
    db.execute(
        """
        create role mallory;
        create schema own authorization mallory;
        create schema free authorization mallory;
        set role mallory;
        create table own.whole (id integer, v text) partition by list (id);
        create table own.item partition of own.whole for values in (1);
        create table own.free_of_guard (id integer);
        insert into own.whole values (1, 'a');
        reset role;
        select plumb.guard_table('own.whole');
        """
    )
    session = connect(role="mallory", autocommit=False)
    yield session
    session.close()
    db.execute("update plumb.system_mode set mode = 'normal' where id = 1")
    db.execute("drop owned by mallory cascade; drop role mallory")


def gone(session):
    with pytest.raises((errors.AdminShutdown, psycopg.OperationalError)):
        session.execute("select 1")
    return True


UNSEEN = {
    "a partition is attached": "create table own.extra (like own.whole);"
    " alter table own.whole attach partition own.extra for values in (2);"
    " alter table own.extra disable trigger plumb_safe_mode",
    "a child inherits": "create table own.extra (like own.kin);"
    " alter table own.extra inherit own.kin; alter table own.extra disable trigger plumb_safe_mode",
    "a partition is made": "create table own.extra partition of own.whole for values in (2);"
    " alter table own.extra disable trigger plumb_safe_mode",
    "a table is made in a guarded schema": "create table retail.extra (like own.whole);"
    " alter table retail.extra disable trigger plumb_safe_mode",
}


@pytest.mark.parametrize("commands", UNSEEN.values(), ids=UNSEEN)
def test_a_table_that_nobody_else_sees_yet_is_not_written_past_its_guard(
    db, mallory, engage, commands
):
    db.execute("set role mallory; create table own.kin (id integer, v text); reset role")
    db.execute("select plumb.guard_table('own.kin')")
    db.execute("grant usage, create on schema retail to mallory")
    mallory.execute(commands)
    engage()

    assert gone(mallory)
    assert db.execute("select * from plumb.missing_guards()").fetchall() == []


@pytest.mark.parametrize("commands", BLIND.values(), ids=BLIND)
def test_nothing_is_written_past_a_guard_that_was_taken_away_before(db, mallory, engage, commands):
    mallory.execute(commands)
    engage()

    assert gone(mallory)
    assert db.execute("select v from own.item").fetchall() == [("a",)]
    assert db.execute("select * from plumb.missing_guards()").fetchall() == []


@pytest.mark.parametrize(
    "commands",
    [
        "insert into own.whole values (1, 'b')",
        "truncate own.item; insert into own.whole values (1, 'b')",
        "lock table own.item in access exclusive mode; insert into own.whole values (1, 'b')",
        "create table own.extra (id integer); insert into own.whole values (1, 'b')",
        "alter table own.free_of_guard add v text; insert into own.whole values (1, 'b')",
        "savepoint a; alter table own.item disable trigger all; rollback to a;"
        " insert into own.whole values (1, 'b')",
    ],
)
def test_a_transaction_that_only_wrote_may_end(db, mallory, engage, commands):
    mallory.execute(commands)
    engage()
    mallory.commit()

    assert ("b",) in db.execute("select v from own.item").fetchall()


def test_ddl_is_refused_while_safe_mode_is_being_engaged(db, connect, mallory):
    switch = connect(autocommit=False)
    switch.execute("select plumb.engage_safe_mode('a test', 'ops')")

    with pytest.raises(errors.ReadOnlySqlTransaction):
        mallory.execute("alter table own.item disable trigger plumb_safe_mode")
    mallory.rollback()
    switch.rollback()
    mallory.execute("alter table own.whole add w text")
    mallory.commit()


def test_engaging_is_not_delayed_by_ddl_that_waits(db, connect, mallory, engage):
    """The DDL waits for a lock that a writer holds; it is refused once it gets it."""
    writer = connect(autocommit=False)
    writer.execute("insert into own.whole values (1, 'b')")
    outcome = []

    def alter():
        try:
            mallory.execute("alter table own.item disable trigger plumb_safe_mode")
        except psycopg.Error as error:
            outcome.append(error.sqlstate)

    waiting = threading.Thread(target=alter)
    waiting.start()
    engage()
    writer.commit()
    waiting.join()

    assert outcome == ["25006"]


def test_a_role_without_rights_cannot_end_sessions(db, connect):
    for role in ("plumb_reader", "plumb_operator", "plumb_api"):
        with pytest.raises(errors.InsufficientPrivilege):
            connect(role=role).execute("select plumb.end_guarded_ddl()")
