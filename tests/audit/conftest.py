"""A table of every kind, and short words for what the tests do most."""

from itertools import count

import pytest
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster

from .clusters import connect

_names = count(1)


@pytest.fixture
def audit(db):
    """Yield the test's connection with four audited tables in schema app, all sealed."""
    create_tables(db)
    return db


def create_tables(db):
    """Create `item` with a simple key, `pair` with two, `loose` with none, and `part`, in parts."""
    db.execute("create schema app")
    db.execute(
        "create table app.item (id integer primary key, name text, price numeric,"
        " seen_at timestamptz)"
    )
    db.execute("create table app.pair (a integer, b text, note text, primary key (b, a))")
    db.execute("create table app.loose (v integer)")
    db.execute(
        "create table app.part (id integer, region text, v text, primary key (id, region))"
        " partition by list (region)"
    )
    db.execute("create table app.part_eu partition of app.part for values in ('eu')")
    db.execute("create table app.part_us partition of app.part for values in ('us')")
    for name in ("item", "pair", "loose", "part"):
        db.execute("select audit_table(%s::regclass)", [f"app.{name}"])
    seal(db)


@pytest.fixture(scope="session")
def own_server():
    """Yield a server that may be killed and copied, with a migrated template database."""
    with scratch_cluster() as cluster:
        cluster.ensure_database("template_log")
        migrate(cluster.url("template_log"), report=lambda _line: None)
        with connect(cluster, "template_log") as db:
            create_tables(db)
        yield cluster


@pytest.fixture
def own_log(own_server):
    """Yield a server and the name of a database on it, which this test has to itself."""
    own_server.start()
    name = f"log_{next(_names)}"
    with connect(own_server, "postgres") as session:
        session.execute(f"create database {name} template template_log")
    yield own_server, name
    own_server.start()
    with connect(own_server, "postgres") as session:
        session.execute("alter system reset all")
        session.execute("select pg_reload_conf()")
        for (prepared,) in session.execute(
            "select gid from pg_prepared_xacts where database = %s", [name]
        ).fetchall():
            with connect(own_server, name) as owner:
                owner.execute(f"rollback prepared '{prepared}'")
        session.execute(f"drop database {name} with (force)")


def seal(db):
    return db.execute("select seal_audit()").fetchone()[0]


def findings(db, from_seal=0):
    """Return what verification finds as (kind, seal, n) without its texts."""
    rows = db.execute(
        "select kind, seal, n from verify_audit(%s) order by 1, 2, 3", [from_seal]
    ).fetchall()
    return rows


def logged(db, relation, columns="op, record_key, old_row, new_row"):
    return db.execute(
        f"select {columns} from audit_log where relation = %s"
        " and op not in ('BASELINE', 'SNAPSHOT', 'DDL')"
        " order by occurred_at, txid, n",
        [relation],
    ).fetchall()


def tamper(db, statement, arguments=None):
    """Change the log as a superuser would who means to."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("set local plumb.audit_dismantling = 'on purpose'")
        return db.execute(statement, arguments)
