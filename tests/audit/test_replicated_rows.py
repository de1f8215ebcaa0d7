"""Rows that a subscription applies are audited, whatever came first: the table's audit or it."""

import os
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from waiting import wait_until

from .conftest import logged, seal

COUNT = "select count(*) from public.feed where v <> 'first'"


@pytest.fixture
def publisher(db):
    """Yield a session on another database, whose table public.feed is published."""
    if db.execute("show wal_level").fetchone()[0] != "logical":
        pytest.skip("the server's wal_level is not logical")
    name = "plumb_test_publisher"
    with psycopg.connect(db.info.dsn, dbname="postgres", autocommit=True) as server:
        server.execute(f"drop database if exists {name} with (force)")
        server.execute(f"create database {name} template template0")
        with psycopg.connect(db.info.dsn, dbname=name, autocommit=True) as session:
            session.execute("create table public.feed (id integer primary key, v text)")
            session.execute("insert into public.feed values (1, 'first'), (2, 'first')")
            session.execute("create publication feed for table public.feed")
            session.execute("select pg_create_logical_replication_slot('plumb_feed', 'pgoutput')")
            yield session
            wait_until(
                lambda: session.execute(
                    "select bool_and(not active) from pg_replication_slots where database = %s",
                    [name],
                ).fetchone()[0],
                15,
            )
            session.execute(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                " where database = %s",
                [name],
            )
        server.execute(f"drop database {name} with (force)")


@contextmanager
def subscribed(db, publisher):
    """Subscribe to the table, without its first rows, until this ends."""
    known = publisher.info
    address = make_conninfo(
        host=known.host,
        port=known.port,
        user=known.user,
        dbname=known.dbname,
        password=os.environ.get("PGPASSWORD"),
    )
    db.execute(
        sql.SQL(
            "create subscription feed connection {} publication feed"
            " with (create_slot = false, slot_name = plumb_feed, copy_data = false)"
        ).format(address)
    )
    try:
        yield
    finally:
        db.execute("alter subscription feed disable")
        db.execute("alter subscription feed set (slot_name = none)")
        db.execute("drop subscription feed")


@pytest.mark.slow
@pytest.mark.parametrize("order", ["audit first", "subscription first"])
def test_every_change_that_is_applied_is_logged_once(db, publisher, order):
    db.execute("create table public.feed (id integer primary key, v text)")
    db.execute("insert into public.feed values (1, 'first'), (2, 'first')")
    if order == "audit first":
        db.execute("select plumb.audit_table('public.feed')")
    with subscribed(db, publisher):
        if order == "subscription first":
            db.execute("select plumb.audit_table('public.feed')")
        publisher.execute("update public.feed set v = 'b' where id = 2")
        publisher.execute("delete from public.feed where id = 1")
        publisher.execute("insert into public.feed values (3, 'c')")
        wait_until(lambda: db.execute(COUNT).fetchone()[0] == 2, 20)

    seal(db)
    done = [(op, key) for op, key, _old, _new in logged(db, "public.feed")]
    assert done == [("UPDATE", "2"), ("DELETE", "1"), ("INSERT", "3")]
    assert db.execute("select * from plumb.reconcile_audit('public.feed')").fetchall() == []
    assert db.execute("select * from plumb.check_audit()").fetchall() == []


def test_with_every_trigger_enabled_a_change_is_recorded_once(db):
    db.execute(
        """
        create table public.feed (id integer primary key, v text);
        select plumb.audit_table('public.feed');
        alter table public.feed disable trigger all;
        alter table public.feed enable trigger all;
        insert into public.feed values (1, 'a');
        """
    )
    seal(db)

    assert [row[0] for row in logged(db, "public.feed")] == ["INSERT"]


def test_a_session_that_reads_backslashes_in_strings_writes(db):
    db.execute("create table public.feed (id integer primary key, v text)")
    db.execute("select plumb.audit_table('public.feed')")
    db.execute("insert into public.feed values (1, 'a')")
    with db.transaction():
        db.execute("set local standard_conforming_strings = off")
        db.execute("update public.feed set v = 'b'")
    seal(db)

    assert [row[0] for row in logged(db, "public.feed")] == ["INSERT", "UPDATE"]
