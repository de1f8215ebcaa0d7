"""An incident proposes what would make its invariant true again; nothing of it runs by itself."""

import psycopg
import pytest


@pytest.fixture
def app(db, at):
    db.execute(
        """
        create schema app;
        create table app.orders (shop text, order_id integer, total numeric,
            primary key (shop, order_id));
        create table app.lines (line_id integer primary key, shop text, order_id integer,
            quantity integer, price numeric);
        insert into app.orders values ('a', 1, 10), ('a', 2, 0);
        insert into app.lines values (1, 'a', 1, 2, 5);
        select plumb.audit_table('app.orders'), plumb.audit_table('app.lines');
        select plumb.declare_sum_matches(
            'TOTAL', 'app.orders', 'total', 'quantity * price', 'app.lines');
        select plumb.declare_no_orphans(
            'ORDERS', 'app.lines', array['shop', 'order_id'], 'app.orders');
        select plumb.declare_non_negative('PRICE', 'app.lines', 'price');
        """
    )
    check(db)
    return db


def check(db):
    db.execute("select plumb.seal_audit(), plumb.check_invariants()")


def proposals(db, invariant):
    return db.execute(
        "select p.subject, p.source, p.statement, p.problem"
        " from plumb.open_incidents as i, plumb.propose_repair(i.incident_id) as p"
        " where i.scope = %s",
        [invariant],
    ).fetchall()


def test_the_log_and_the_rule_each_propose(app):
    app.execute("update app.orders set total = 7 where order_id = 1")
    check(app)

    by_log, by_rule = proposals(app, "TOTAL")

    assert by_log == (
        '["a", 1]',
        "log",
        "update app.orders set total = '10' where shop = 'a' and order_id = '1'"
        " and total is not distinct from '7';",
        None,
    )
    assert by_rule == (
        '["a", 1]',
        "rule",
        "update app.orders as p set total = (select coalesce(sum((quantity * price)), 0)"
        " from app.lines as t where t.shop = p.shop and t.order_id = p.order_id)"
        " where p.shop = 'a' and p.order_id = '1';",
        None,
    )
    # Nothing was done; each of them does it.
    for _, _, statement, _ in (by_log, by_rule):
        check(app)
        assert proposals(app, "TOTAL")
        with app.transaction(force_rollback=True):
            app.execute(statement)
            assert app.execute("select * from plumb.read_violations('TOTAL')").fetchall() == []


def test_a_baseline_is_nothing_to_take_back(app):
    with app.transaction():
        app.execute("alter table app.orders disable trigger all")
        app.execute("update app.orders set total = 7 where order_id = 1")
        app.execute("alter table app.orders enable trigger all")
    check(app)

    assert [source for _, source, _, _ in proposals(app, "TOTAL")] == ["rule"]


def test_only_what_concerns_the_wrong_rows_is_taken_back(app):
    with app.transaction():
        app.execute("update app.lines set price = -5 where line_id = 1")
        app.execute("update app.orders set total = 8 where order_id = 2")
    check(app)
    assert [row[:3] for row in proposals(app, "PRICE")] == [
        (
            "1",
            "log",
            "update app.lines set price = '5' where line_id = '1'"
            " and price is not distinct from '-5';",
        )
    ]


def test_a_later_change_is_named(app):
    app.execute("insert into app.lines values (2, 'a', 9, 1, 5)")
    check(app)
    app.execute("update app.lines set quantity = 3 where line_id = 2")
    app.execute("select plumb.seal_audit()")
    log, rule = proposals(app, "ORDERS")
    assert log[2] == "delete from app.lines where line_id = '2';"
    assert log[3].startswith("changed later by")
    assert rule[2] == "delete from app.lines as p where p.line_id = '2';"


def test_an_incident_that_is_about_something_else_says_so(app):
    app.execute("select plumb.open_incident('backup', 'AGE', 'P2', 'old', 'old', 1, 'x')")
    with pytest.raises(psycopg.Error, match="is about backup, not about rows"):
        app.execute("select plumb.propose_repair(max(incident_id)) from plumb.incidents")
    with pytest.raises(psycopg.Error, match="there is no incident 9999"):
        app.execute("select plumb.propose_repair(9999)")
