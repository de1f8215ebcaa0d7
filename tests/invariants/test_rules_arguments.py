"""A rule that is declared wrongly is refused with the value and the way out; nothing is left."""

import psycopg
import pytest

HOSTILE = 'o"; drop table app.orders; --'


@pytest.fixture
def app(db, without_rules):
    db.execute(
        """
        create schema app;
        create table app.orders (order_id integer primary key, total numeric, status text);
        create table app.lines (
            line_id integer primary key, order_id integer references app.orders,
            other_id integer references app.orders, amount integer
        );
        create table app.notes (note text, amount integer);
        """
    )
    return db


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("non_negative('r', 'app.orders', 'total')", "capitals, digits and underscores, not 'r'"),
        ("non_negative(null, 'app.orders', 'total')", "underscores, not NULL"),
        ("non_negative('R_1', 'app.none', 'total')", 'table "app.none" of p_table does not exist'),
        ("non_negative('R_1', 'orders', 'total')", 'table "orders" of p_table does not exist'),
        ("non_negative('R_1', null, 'total')", "argument p_table is missing"),
        ("non_negative('R_1', 'app.orders', null)", "argument p_amount is missing"),
        ("non_negative('R_1', 'app.orders', 'status')", "status: is a column of app.orders that"),
        ("non_negative('R_1', 'app.orders', 'colour')", 'column "colour" does not exist'),
        ("non_negative('R_1', 'app.notes', 'amount')", "app.notes has no primary key"),
        ("non_negative('R_1', 'app.orders', 'total', array['id'])", "has no column 'id'"),
        ("non_negative('R_1', 'app.orders', 'total', array[]::text[])", "names no column"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => 'true) or (true')", "do not match"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => ') or (')", "do not match"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => 'true; drop')", "semicolon"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => 'true -- x')", "a comment"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => 'status = ''x')", "not closed"),
        ("non_negative('R_1', 'app.orders', 'total', p_where => '')", "it is empty"),
        ("non_negative('R_1', 'app.orders', 'total', p_priority => 'P7')", "priority 'P7'"),
        (
            "sum_matches('R_1', 'app.orders', 'total', 'amount', 'app.lines')",
            "how app.lines refers to app.orders is not clear",
        ),
        (
            "sum_matches('R_1', 'app.orders', 'total', 'amount', 'app.lines',"
            " array['order_id', 'line_id'])",
            "are not as many",
        ),
        (
            "sum_matches('R_1', 'app.orders', 'total', 'amount', p_tolerance => -1)",
            "argument p_tolerance is -1",
        ),
        ("transitions('R_1', 'app.orders', 'status', array['A->B'])", "app.orders is not audited"),
        ("transitions('R_1', 'app.orders', 'status', array['A-B'])", "not a list of steps"),
        ("freshness('R_1', 'app.orders', 'status', '-1 hours')", "is not longer than nothing"),
        ("accepted_values('R_1', 'app.orders', 'status', '{}')", "names no value"),
    ],
)
def test_a_wrong_argument_is_named_with_the_way_out(app, call, message):
    with pytest.raises(psycopg.Error) as refused:
        app.execute(f"select plumb.declare_{call}")
    assert message in refused.value.diag.message_primary
    assert refused.value.diag.message_hint
    assert refused.value.sqlstate in ("PL002", "PL005")
    assert app.execute("select * from plumb.rules").fetchall() == []
    assert (
        app.execute(
            "select relname from pg_class where relnamespace = 'plumb_rules'::regnamespace"
        ).fetchall()
        == []
    )


def test_names_and_values_are_quoted(app):
    quoted = psycopg.sql.Identifier(HOSTILE).as_string(app)
    table = psycopg.sql.Identifier("app", HOSTILE).as_string(app)
    app.execute(f'create table {table} ({quoted} integer primary key, "%s" text, p integer)')
    app.execute(f'create table app.child ({quoted} integer, "%L" integer)')
    app.execute(
        "select plumb.declare_sum_matches('A_1', %s, %s, '%%L', 'app.child', %s)",
        [table, HOSTILE, [HOSTILE]],
    )
    app.execute(
        "select plumb.declare_accepted_values('A_2', %s, '%%s', array['''; drop', %s])",
        [table, HOSTILE],
    )
    app.execute("select plumb.declare_unique('A_3', %s, array['%%s'], true)", [table])
    app.execute("select plumb.declare_not_null_when('A_4', %s, '%%s', 'p = 1')", [table])
    app.execute("select plumb.declare_monotonic('A_5', %s, 'p', %s)", [table, HOSTILE])
    app.execute(f"insert into {table} values (1, 'a', 5), (2, null, 1), (3, 'A', 9)")
    app.execute("select plumb.check_invariants()")
    rows = app.execute(
        "select name, status, violation_count from plumb.invariant_status"
        " where name like 'A\\_%' order by name"
    ).fetchall()
    assert rows == [
        ("A_1", "violated", 3),
        ("A_2", "violated", 2),
        ("A_3", "violated", 2),
        ("A_4", "violated", 1),
        ("A_5", "violated", 1),
    ]
    assert app.execute("select to_regclass('app.orders')").fetchone() != (None,)


def test_an_expression_has_the_rights_of_the_inspector_and_writes_nothing(app):
    app.execute(
        "create function app.grab() returns integer language sql as $$"
        " delete from app.orders returning 1 $$"
    )
    app.execute("grant usage on schema app to public")
    app.execute("insert into app.orders values (1, -1)")
    app.execute(
        "select plumb.declare_non_negative('A_1', 'app.orders', 'total', p_where =>"
        " 'app.grab() = 1')"
    )
    app.execute("select plumb.check_invariants()")
    status, error = app.execute(
        "select status, error from plumb.invariant_status where name = 'A_1'"
    ).fetchone()
    assert status == "unknown"
    assert "permission denied" in error or "read-only" in error


def test_only_who_may_declare_invariants_declares_rules(app):
    app.execute("set role plumb_admin")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select plumb.declare_non_negative('A_1', 'app.orders', 'total')")
    app.execute("reset role")


def test_indexes_that_are_missing_are_named(app):
    asked = app.execute(
        "select plumb.declare_sum_matches('A_1', 'app.orders', 'total', 'amount', 'app.lines',"
        " array['order_id'])"
    ).fetchone()[0]
    assert asked == ["create index concurrently on app.lines (order_id);"]
    for statement in asked:
        app.execute(statement)
    assert (
        app.execute(
            "select plumb.declare_sum_matches('A_1', 'app.orders', 'total', 'amount', 'app.lines',"
            " array['order_id'])"
        ).fetchone()[0]
        == []
    )
    asked = app.execute(
        "select plumb.declare_unique('A_2', 'app.orders', array['status'], true)"
    ).fetchone()[0]
    assert len(asked) == 2
    for statement in asked:
        app.execute(statement)
