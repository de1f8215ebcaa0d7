"""What is logged under a name is the table's that had it then, whatever took the name later."""

import pytest

from .clusters import unreconciled
from .conftest import behind_the_triggers, seal


@pytest.fixture
def app(db):
    """Yield the test's connection with two audited tables that hold different rows."""
    db.execute("create schema app")
    for name, key in (("one", 1), ("two", 20)):
        db.execute(f"create table app.{name} (id integer primary key, v text)")
        db.execute(f"select audit_table('app.{name}')")
        db.execute(f"insert into app.{name} values ({key}, 'old'), ({key + 1}, 'old')")
    return db


def swap(db):
    with db.transaction():
        db.execute("alter table app.one rename to other")
        db.execute("alter table app.two rename to one")
        db.execute("alter table app.other rename to two")


def there_and_back(db):
    db.execute("alter table app.one rename to other")
    db.execute("insert into app.other select max(id) + 1, 'meanwhile' from app.other")
    db.execute("alter table app.other rename to one")


def found(db):
    """Let the log be compared and begin anew, and return the rows that differ by their keys."""
    seal(db)
    db.execute("select run_audit_check(true)")
    assert unreconciled(db) == []
    return db.execute(
        "select relation, kind, record_key from open_findings where source = 'table'"
    ).fetchall()


@pytest.mark.parametrize("rename", [swap, there_and_back])
def test_rows_of_a_name_that_changed_tables_are_no_finding_and_an_edit_is(app, rename):
    rename(app)
    app.execute("insert into app.one values (30, 'new')")
    app.execute("update app.one set v = 'x' where id in (1, 20)")
    app.execute("insert into app.two values (40, 'new')")
    assert found(app) == []

    rename(app)
    behind_the_triggers(app, "update app.one set v = 'edited' where id in (2, 21)", "app.one")
    edited = app.execute("select id::text from app.one where v = 'edited'").fetchone()[0]
    assert found(app) == [("app.one", "row_differs", edited)]


def test_a_table_that_takes_the_name_of_another_has_none_of_its_rows(app):
    app.execute("create table app.new (id integer primary key, v text)")
    app.execute("insert into app.new values (9, 'new')")
    with app.transaction():
        app.execute("alter table app.one rename to old")
        app.execute("alter table app.new rename to one")
    app.execute("insert into app.one values (10, 'new')")
    app.execute("update app.old set v = 'x' where id = 1")
    assert found(app) == []
