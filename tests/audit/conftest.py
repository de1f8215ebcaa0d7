"""A table of every kind, and short words for what the tests do most."""

import pytest


@pytest.fixture
def audit(db):
    """Yield the test's connection with three audited tables in schema app.

    `item` has a simple key, `pair` a composite one, `part` is partitioned; `loose` has no key.
    """
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
    return db


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
