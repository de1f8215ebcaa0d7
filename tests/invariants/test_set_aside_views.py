"""A view of somebody's own that states an invariant does not stand in the way of migrations."""

import psycopg
import pytest
from psycopg import errors


@pytest.fixture
def app(db):
    db.execute(
        """
        create role app_owner;
        create schema app authorization app_owner;
        set role app_owner;
        create table app.orders (order_id integer primary key, total integer, note text);
        create view app.wrong_orders with (security_barrier) as
        select o.order_id as subject, 'total is ' || o.total as explanation, o.total
        from app.orders as o where o.total < 0;
        comment on view app.wrong_orders is 'Orders below zero.';
        grant select on app.wrong_orders to plumb_reader;
        insert into app.orders values (1, 5, 'x');
        reset role;
        select plumb.declare_invariant('TOTALS', 'app.wrong_orders', 'P2', 'No total is negative.');
        select plumb.watch_table('TOTALS', 'app.orders', 'order_id');
        """
    )
    yield db
    db.execute("reset role; drop owned by app_owner cascade; drop role app_owner")


def status(db):
    db.execute("select plumb.check_invariants()")
    return db.execute(
        "select status, error from plumb.invariant_status where name = 'TOTALS'"
    ).fetchone()


def is_stated(db):
    """Tell whether a wrong row is found, and refused."""
    db.execute("set session_replication_role = replica; insert into app.orders values (9, -1)")
    db.execute("set session_replication_role = origin")
    found = status(db)[0] == "violated"
    db.execute("delete from app.orders where order_id = 9")
    db.execute("select plumb.enforce_invariant('TOTALS', 'commit')")
    with pytest.raises(errors.CheckViolation):
        db.execute("insert into app.orders values (9, -1)")
    db.execute("select plumb.enforce_invariant('TOTALS', 'detect')")
    return found


DDL = {
    "a wider type": "alter table app.orders alter column total type bigint",
    "another kind of number": "alter table app.orders alter column total type numeric(12, 2)",
    "the key": "alter table app.orders alter column order_id type bigint",
    "a column that no view reads": "alter table app.orders drop column note",
    "a new name of the table": "alter table app.orders rename to purchases;"
    " alter table app.purchases rename to orders",
    "data and DDL": "begin; update app.orders set total = total + 1;"
    " alter table app.orders alter column total type bigint; commit",
}


@pytest.mark.parametrize("ddl", DDL.values(), ids=DDL)
def test_the_owner_changes_the_table_and_the_view_still_states_it(app, connect, ddl):
    connect(role="app_owner").execute(ddl)

    assert app.execute("select * from plumb.set_aside_views").fetchall() == []
    assert is_stated(app)
    assert app.execute(
        "select c.relowner::regrole::text, c.reloptions,"
        " has_table_privilege('plumb_reader', c.oid, 'select')"
        " from pg_class as c where c.oid = 'app.wrong_orders'::regclass"
    ).fetchone() == ("app_owner", ["security_barrier=true"], True)


def test_a_dropped_column_makes_it_unknown_until_it_is_back(app, connect):
    owner = connect(role="app_owner")
    owner.execute("alter table app.orders drop column total")
    state, error = status(app)
    assert state == "unknown"
    assert "column o.total does not exist" in error

    owner.execute("alter table app.orders add column total integer")
    assert status(app) == ("holds", None)
    owner.execute("update app.orders set total = -1")
    assert status(app)[0] == "violated"


def test_a_dropped_table_makes_it_unknown_and_a_new_one_ends_that(app, connect):
    owner = connect(role="app_owner")
    owner.execute("drop table app.orders")
    assert status(app)[0] == "unknown"
    owner.execute("create table app.orders (order_id integer primary key, total integer)")
    assert is_stated(app)


def test_a_command_that_fails_leaves_the_view_as_it_was(app):
    before = app.execute("select pg_get_viewdef('app.wrong_orders')").fetchone()
    with pytest.raises(psycopg.Error):
        app.execute("alter table app.orders alter column total type date using note::date")
    assert app.execute("select pg_get_viewdef('app.wrong_orders')").fetchone() == before
    assert is_stated(app)


def test_declared_again_with_another_view_it_waits_no_more(app, connect):
    connect(role="app_owner").execute("alter table app.orders drop column total")
    app.execute(
        "create view app.other as select o.order_id as subject, o.note as explanation, 1 as total"
        " from app.orders as o where o.note is null;"
        "select plumb.declare_invariant('TOTALS', 'app.other', 'P2', 'Each has a note.')"
    )
    assert status(app) == ("holds", None)


def test_cascade_drops_it_as_ever(app):
    app.execute("drop table app.orders cascade")
    assert app.execute("select to_regclass('app.wrong_orders')").fetchone() == (None,)


def test_a_view_that_its_owner_made_anew_is_left_alone(app, connect):
    owner = connect(role="app_owner")
    owner.execute("alter table app.orders drop column total")
    owner.execute(
        "create or replace view app.wrong_orders as select o.order_id as subject,"
        " 'no note' as explanation, 0 as total from app.orders as o where o.note is null"
    )
    assert status(app) == ("holds", None)
    owner.execute("alter table app.orders add column total integer")
    owner.execute("update app.orders set note = null")
    assert status(app)[0] == "violated"
