"""A value that shows the name of another object alarms nobody when that object is renamed."""

import psycopg
import pytest

from .conftest import seal

OBJECTS = """
    create schema app;
    create table app.other (id integer);
    create type app.kind as (target regclass);
    create domain app.target as regclass;
    create role plumb_test_named;
"""
VALUES = {
    "regclass": "'app.other'",
    "regclass[]": "'{app.other}'",
    "app.target": "'app.other'",
    "app.kind": "row('app.other'::regclass)",
    "regrole": "'plumb_test_named'",
}


@pytest.fixture
def app(db):
    for role in ("plumb_test_named", "plumb_test_other"):
        db.execute(f"drop role if exists {role}")
    db.execute(OBJECTS)
    yield db
    db.execute("drop schema app cascade")
    for role in ("plumb_test_named", "plumb_test_other"):
        db.execute(f"drop role if exists {role}")


@pytest.mark.parametrize("capture", ["trigger", "wal"])
def test_its_column_stays_out_of_the_log(app, capture):
    columns = ", ".join(f"c{n} {kind}" for n, kind in enumerate(VALUES))
    values = ", ".join(VALUES.values())
    app.execute(f"create table app.item (id integer primary key, name text, {columns})")
    app.execute("select plumb.audit_table('app.item', capture => %s)", [capture])
    app.execute(f"insert into app.item values (1, 'a', {values})")
    app.execute("alter table app.item add column later regclass")
    app.execute("update app.item set name = 'b', later = 'pg_type'")
    if capture == "wal":
        app.execute("select plumb.capture_audit()")
    seal(app)

    app.execute("alter table app.other rename to another")
    app.execute("alter role plumb_test_named rename to plumb_test_other")

    assert app.execute("select * from plumb.reconcile_audit('app.item')").fetchall() == []
    changes = "select * from plumb.reconcile_audit('app.item', 'changes')"
    assert app.execute(changes).fetchall() == []
    logged = "select new_row from plumb.audit_log where relation = 'app.item' and op = 'UPDATE'"
    assert app.execute(logged).fetchone() == ({"id": 1, "name": "b"},)


def test_a_key_may_not_be_one(app):
    app.execute("create table app.item (target regclass primary key)")
    with pytest.raises(psycopg.Error, match="column target of the key"):
        app.execute("select plumb.audit_table('app.item')")
