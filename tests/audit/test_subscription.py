"""What a subscription applies is in the log, whenever the subscription was made."""

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from waiting import wait_until

from .capturing import rows_of

SLOT = "plumb_of_test_subscription"


@pytest.fixture
def publisher(db):
    """Yield a session of another database that publishes a table of its own."""
    name = f"{db.info.dbname}_publisher"
    with psycopg.connect(db.info.dsn, dbname="postgres", autocommit=True) as server:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            with psycopg.connect(db.info.dsn, dbname=name, autocommit=True) as session:
                session.execute("create table public.feed (id integer primary key, v text)")
                session.execute("insert into public.feed values (1, 'a'), (2, 'b')")
                session.execute("create publication feed for table public.feed")
                session.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", [SLOT])
                yield session
                session.execute("select pg_drop_replication_slot(%s)", [SLOT])
        finally:
            server.execute(sql.SQL("drop database {} (force)").format(sql.Identifier(name)))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["trigger", "wal"])
def test_what_a_subscription_made_later_applies_is_logged_and_reconciles(db, publisher, form):
    if db.execute("show wal_level").fetchone()[0] != "logical":
        pytest.skip("the server's wal_level is not logical")
    db.execute("create table public.feed (id integer primary key, v text)")
    db.execute("select audit_table('public.feed', capture => %s)", [form])
    info = publisher.info
    address = make_conninfo(
        host=info.host,
        port=info.port,
        user=info.user,
        password=info.password,
        dbname=info.dbname,
    )
    db.execute(
        sql.SQL(
            "create subscription feed connection {} publication feed"
            " with (create_slot = false, slot_name = {})"
        ).format(address, sql.Identifier(SLOT))
    )
    try:
        wait_until(
            lambda: (
                db.execute("select count(*) = 2 from public.feed").fetchone()[0]
                and db.execute(
                    "select bool_and(srsubstate = 'r') from pg_subscription_rel"
                ).fetchone()[0]
            ),
            seconds=30,
        )
        publisher.execute("insert into public.feed values (3, 'c')")
        publisher.execute("update public.feed set v = 'B' where id = 2")
        publisher.execute("delete from public.feed where id = 1")
        wait_until(
            lambda: db.execute(
                "select array_agg(id || v order by id) = '{2B,3c}' from public.feed"
            ).fetchone()[0],
            seconds=30,
        )
        logged = rows_of(db, "public.feed", "op, record_key") if form == "wal" else None
        db.execute("select seal_audit()")
        logged = (
            logged
            or db.execute(
                "select op, record_key from audit_log where relation = 'public.feed'"
                " and op in ('INSERT', 'UPDATE', 'DELETE') order by position"
            ).fetchall()
        )
        assert logged == [
            ("INSERT", "1"),
            ("INSERT", "2"),
            ("INSERT", "3"),
            ("UPDATE", "2"),
            ("DELETE", "1"),
        ]
        assert db.execute("select * from check_audit()").fetchall() == []
        assert db.execute("select * from reconcile_audit('public.feed')").fetchall() == []
    finally:
        db.execute("alter subscription feed disable")
        db.execute("alter subscription feed set (slot_name = none)")
        db.execute("drop subscription feed")
        wait_until(
            lambda: publisher.execute(
                "select not active from pg_replication_slots where slot_name = %s", [SLOT]
            ).fetchone()[0],
            seconds=30,
        )
