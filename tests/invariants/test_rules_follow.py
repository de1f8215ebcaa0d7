"""Rules go on through DDL of the application, which they never stand in the way of."""

import pytest
from psycopg import errors

DECLARE = (
    "select plumb.declare_sum_matches('TOTAL', 'app.orders', 'total', 'amount', 'app.lines',"
    " p_priority => 'P1')"
)


@pytest.fixture
def app(db, without_rules, at):
    db.execute(
        """
        create schema app;
        create table app.orders (order_id integer primary key, total numeric(10, 2), note text);
        create table app.lines (
            line_id integer primary key, order_id integer references app.orders, amount integer
        );
        insert into app.orders values (1, 30);
        insert into app.lines values (1, 1, 10), (2, 1, 20);
        """
    )
    db.execute(DECLARE)
    return db


def status(db):
    db.execute("select plumb.check_invariants()")
    return db.execute(
        "select status, left(error, 200) from plumb.invariant_status where name = 'TOTAL'"
    ).fetchone()


def arguments(db):
    return db.execute("select arguments from plumb.rules").fetchone()[0]


def test_types_change_and_the_rule_goes_on(app):
    app.execute("alter table app.orders alter total type numeric(14, 2)")
    app.execute("alter table app.orders alter order_id type bigint")
    app.execute("alter table app.lines alter order_id type bigint, alter amount type real")
    assert status(app) == ("holds", None)
    app.execute("update app.orders set total = 31")
    assert status(app)[0] == "violated"


def test_renamed_tables_columns_and_schemas_are_followed(app):
    app.execute("select plumb.enforce_invariant('TOTAL', 'commit')")
    app.execute('alter table app.orders rename total to "grossTotal"')
    app.execute('alter table app.lines rename order_id to "order"')
    app.execute("alter table app.lines rename to items")
    app.execute("alter schema app rename to shop")
    assert status(app) == ("holds", None)
    assert arguments(app) == {
        "table": "shop.orders",
        "total": "grossTotal",
        "child": "shop.items",
        "amount": "amount",
        "key": ["order_id"],
        "child_key": ["order"],
        "tolerance": 0,
    }
    with pytest.raises(errors.CheckViolation):
        app.execute('update shop.orders set "grossTotal" = 31')
    with pytest.raises(errors.CheckViolation):
        app.execute("update shop.items set amount = 11 where line_id = 1")


@pytest.mark.parametrize(
    ("change", "fault", "back"),
    [
        (
            "alter table app.orders drop column total",
            'column "total" does not exist',
            "alter table app.orders add column total numeric default 30",
        ),
        (
            "drop table app.lines",
            'table "app.lines" of p_child does not exist',
            "create table app.lines (line_id integer primary key,"
            " order_id integer references app.orders, amount integer);"
            " insert into app.lines values (1, 1, 30)",
        ),
        (
            "alter table app.lines alter amount type text",
            "argument p_amount is amount: is a column of app.lines that holds no number",
            "alter table app.lines alter amount type integer using amount::integer",
        ),
    ],
)
def test_what_cannot_be_read_any_more_is_said_and_stops_nobody(app, change, fault, back):
    app.execute("select plumb.enforce_invariant('TOTAL', 'commit')")
    app.execute(change)
    assert fault in app.execute("select fault from plumb.rules").fetchone()[0]
    app.execute("update app.orders set note = 'saved'")
    found = status(app)
    assert found[0] == "unknown"
    assert fault in found[1]
    assert app.execute(
        "select scope from plumb.open_incidents where source = 'invariant-check'"
    ).fetchall() == [("TOTAL",)]

    app.execute(back)
    assert status(app) == ("holds", None)
    with pytest.raises(errors.CheckViolation):
        app.execute("insert into app.lines values (9, 1, 9)")


def test_a_column_that_an_expression_names_is_missed(app):
    app.execute("alter table app.orders add discount integer")
    app.execute(DECLARE.replace("'total'", "'total + coalesce(discount, 0)'"))
    assert status(app) == ("holds", None)
    app.execute("alter table app.orders rename discount to rebate")
    found = status(app)
    assert found[0] == "unknown"
    assert 'column "discount" does not exist' in found[1]


def test_data_and_ddl_go_in_one_transaction_under_enforcement(app):
    app.execute("select plumb.enforce_invariant('TOTAL', 'commit')")
    with app.transaction():
        app.execute("update app.orders set total = total + 5")
        app.execute("update app.lines set amount = amount + 5 where line_id = 1")
        app.execute("alter table app.orders add column city text")
        app.execute("alter table app.orders alter total type numeric(16, 4)")
        app.execute("alter table app.lines add check (amount > 0)")
        app.execute("create index on app.lines (order_id)")
        app.execute("alter table app.orders drop column note")
    assert status(app) == ("holds", None)


def test_a_few_subjects_are_read_by_the_indexes_of_both_tables(app):
    app.execute("create index on app.lines (order_id)")
    app.execute("insert into app.orders select n, 0 from generate_series(2, 5000) as n")
    app.execute("insert into app.lines select n, n, 0 from generate_series(3, 5000) as n")
    app.execute("analyze app.orders, app.lines")
    plan = app.execute(
        "explain (costs off) select * from plumb_rules.total where subject = any('{7,8}'::int[])"
    ).fetchall()
    text = "\n".join(line for (line,) in plan)
    assert "Seq Scan" not in text, text


def test_dropping_the_invariant_leaves_nothing(app):
    app.execute("select plumb.drop_invariant('TOTAL')")
    assert app.execute(
        "select to_regclass('plumb_rules.total'), to_regproc('plumb_rules.total'),"
        " has_table_privilege('plumb_inspector', 'app.lines', 'select')"
    ).fetchone() == (None, None, False)
    assert app.execute("select * from plumb.rules").fetchall() == []


def test_declaring_again_changes_the_rule(app):
    app.execute(DECLARE.replace("'amount'", "'amount * 2'"))
    assert status(app)[0] == "violated"
    app.execute(DECLARE)
    assert status(app) == ("holds", None)
    # The same again makes nothing anew.
    before = app.execute("select 'plumb_rules.total'::regclass::oid").fetchone()
    app.execute(DECLARE)
    assert app.execute("select 'plumb_rules.total'::regclass::oid").fetchone() == before


def test_a_view_of_ones_own_takes_the_place_of_a_rule(app):
    app.execute(
        "create view app.mine as select order_id as subject from app.orders where total < 0;"
        " select plumb.declare_invariant('TOTAL', 'app.mine', 'P1', 'mine')"
    )
    assert app.execute("select * from plumb.rules").fetchall() == []
    assert status(app) == ("holds", None)
