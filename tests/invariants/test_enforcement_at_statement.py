"""An invariant that is enforced when a statement ends refuses the statement, not the commit."""

import pytest
from psycopg import errors


@pytest.fixture
def app(db):
    db.execute(
        """
        create schema app;
        create table app.stock (product integer primary key, on_hand integer not null);
        create table app.invoice (invoice_id integer, number text) partition by range (invoice_id);
        create table app.invoice_1 partition of app.invoice for values from (0) to (100);
        alter table app.invoice add primary key (invoice_id);
        insert into app.stock values (1, 5), (2, 5);
        select plumb.declare_non_negative('STOCK', 'app.stock', 'on_hand');
        select plumb.declare_unique('NUMBERS', 'app.invoice', array['number'], true);
        select plumb.enforce_invariant('STOCK', 'statement');
        select plumb.enforce_invariant('NUMBERS', 'statement');
        """
    )
    return db


def test_the_statement_fails_and_the_connection_goes_on(app):
    with app.transaction():
        app.execute("update app.stock set on_hand = 4 where product = 1")
        with pytest.raises(errors.CheckViolation) as refused, app.transaction():
            app.execute("update app.stock set on_hand = on_hand - 5")
        assert refused.value.diag.constraint_name == "STOCK"
        app.execute("update app.stock set on_hand = 3 where product = 2")
    rows = app.execute("select on_hand from app.stock order by product").fetchall()
    assert rows == [(4,), (3,)]


def test_a_statement_on_a_partitioned_table_is_checked(app):
    app.execute("insert into app.invoice values (1, 'R-1')")
    with pytest.raises(errors.CheckViolation):
        app.execute("insert into app.invoice values (2, 'r - 1')")
    with pytest.raises(errors.CheckViolation):
        app.execute("insert into app.invoice_1 values (2, ' R-1')")


def test_a_second_client_waits_and_is_refused(app, connect):
    first, second = connect(autocommit=False), connect()
    first.execute("insert into app.invoice values (1, 'R-1')")
    second.execute("set lock_timeout = '200ms'")
    with pytest.raises(errors.LockNotAvailable):
        second.execute("insert into app.invoice values (2, 'R-1')")
    first.commit()
    with pytest.raises(errors.CheckViolation):
        second.execute("insert into app.invoice values (2, 'R-1')")


def test_ddl_follows_in_the_same_transaction(app):
    with app.transaction():
        app.execute("update app.stock set on_hand = 9")
        app.execute("alter table app.stock add column note text")


def test_it_ends_with_the_enforcement(app):
    app.execute("select plumb.enforce_invariant('STOCK', 'detect')")
    app.execute("update app.stock set on_hand = -1")
    assert (
        app.execute(
            "select tgname from pg_trigger where tgrelid = 'app.stock'::regclass"
        ).fetchall()
        == []
    )
    app.execute("update app.stock set on_hand = 1")
    app.execute("select plumb.enforce_invariant('STOCK', 'commit')")
    with pytest.raises(errors.CheckViolation), app.transaction():
        app.execute("update app.stock set on_hand = -1")
        app.execute("select 1")
