"""What rules do besides being read: steps by the log, quarantine, refusal at commit."""

import pytest
from psycopg import errors


@pytest.fixture
def app(db, at):
    db.execute(
        """
        create role shop_owner;
        create schema app authorization shop_owner;
        create table app.orders (order_id integer primary key, status text not null);
        create table app.lines (line_id integer primary key, order_id integer, amount integer);
        alter table app.orders owner to shop_owner;
        alter table app.lines owner to shop_owner;
        insert into app.orders values (1, 'OPEN'), (2, 'OPEN');
        select plumb.audit_table('app.orders');
        """
    )
    yield db
    db.execute("drop owned by shop_owner cascade")
    db.execute("drop role shop_owner")


def found(db):
    db.execute("select plumb.seal_audit()")
    db.execute("select plumb.run_invariant_cycle()")
    rows = db.execute("select explanation from plumb.current_violations where invariant = 'RULE'")
    return [text for (text,) in rows.fetchall()]


def test_a_step_that_is_not_allowed_is_found_until_it_is_taken_back(app):
    app.execute(
        "select plumb.declare_transitions('RULE', 'app.orders', 'status',"
        " array['OPEN->PAID', 'PAID->REFUNDED'])"
    )
    assert found(app) == []
    app.execute("update app.orders set status = 'PAID' where order_id = 1")
    assert found(app) == []
    app.execute("update app.orders set status = 'REFUNDED' where order_id = 2")
    assert found(app) == ["orders 2: status went from OPEN to REFUNDED"]
    # An allowed step later does not make it right.
    app.execute("update app.orders set status = 'PAID' where order_id = 1")
    assert found(app) == ["orders 2: status went from OPEN to REFUNDED"]
    app.execute("update app.orders set status = 'OPEN' where order_id = 2")
    assert found(app) == []
    app.execute("update app.orders set status = 'LOST' where order_id = 2")
    assert found(app) == ["orders 2: status went from OPEN to LOST"]
    app.execute("delete from app.orders where order_id = 2")
    assert found(app) == []


def test_an_orphan_goes_to_quarantine_with_the_rights_of_the_tables_owner(app):
    app.execute(
        "select plumb.declare_no_orphans('RULE', 'app.lines', array['order_id'], 'app.orders',"
        " p_is_quarantined => true)"
    )
    app.execute("insert into app.lines values (7, 1, 1), (8, 99, 5)")
    assert found(app) == []
    assert app.execute("select line_id from app.lines").fetchall() == [(7,)]
    assert app.execute(
        "select invariant, relation, subject, row_data from plumb.quarantined_rows"
    ).fetchall() == [("RULE", "app.lines", "8", {"line_id": 8, "order_id": 99, "amount": 5})]
    assert app.execute(
        "select proowner::regrole::text from pg_proc where proname = 'quarantine_rule'"
    ).fetchone() == ("shop_owner",)
    app.execute("select plumb.drop_invariant('RULE')")
    assert app.execute("select to_regproc('plumb_rules.quarantine_rule')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("call", "write"),
    [
        (
            "no_orphans('RULE', 'app.lines', array['order_id'], 'app.orders')",
            "insert into app.lines values (8, 99, 5)",
        ),
        (
            "sum_matches('RULE', 'app.orders', 'order_id', 'amount', 'app.lines',"
            " array['order_id'], p_where => 'status = ''PAID''')",
            "update app.orders set status = 'PAID'",
        ),
        (
            "unique('RULE', 'app.orders', array['status'], true, p_where => 'order_id > 2')",
            "insert into app.orders values (3, 'A'), (4, ' a')",
        ),
        (
            "accepted_values('RULE', 'app.orders', 'status', array['OPEN'])",
            "update app.orders set status = 'x'",
        ),
        ("non_negative('RULE', 'app.lines', 'amount')", "insert into app.lines values (8, 1, -5)"),
    ],
)
def test_a_rule_is_enforced_at_commit(app, call, write):
    app.execute(f"select plumb.declare_{call}")
    app.execute("select plumb.enforce_invariant('RULE', 'commit')")
    with pytest.raises(errors.CheckViolation) as refused:
        app.execute(write)
    assert refused.value.diag.constraint_name == "RULE"


def test_a_rule_in_place_of_a_view_watches_what_the_rule_shows(app):
    app.execute(
        "create view app.lost as select l.line_id as subject, 'x' as explanation, l.order_id"
        " from app.lines as l where false;"
        "select plumb.declare_invariant('RULE', 'app.lost', 'P2', 'No line is lost.');"
        "select plumb.watch_table('RULE', 'app.lines', 'order_id', 'order_id');"
        "select plumb.declare_no_orphans('RULE', 'app.lines', array['order_id'], 'app.orders')"
    )
    watched = app.execute(
        "select relation, key_column, view_column from plumb.invariant_watches"
        " where invariant = 'RULE' order by relation"
    ).fetchall()
    assert watched == [
        ("app.lines", "order_id", "reference"),
        ("app.orders", "order_id", "reference"),
    ]
    assert app.execute("select plumb.missing_enforcement()").fetchall() == []
