"""A DBA's questions, each answered by one short query."""

from decimal import Decimal

import pytest


@pytest.fixture
def mixed(shop):
    """One invariant broken, one disabled, one that cannot be checked."""
    shop.execute("update sales set invoice_no = 'R-9'")
    shop.execute("insert into sales (invoice_no, customer_id) values ('R-9', 1)")
    shop.execute("select tune_invariant('CREDIT_LIMIT_NOT_EXCEEDED', p_is_enabled => false)")
    shop.execute("drop view plumb.stock_movement_balance")
    shop.execute("select check_invariants()")
    return shop


def test_what_is_wrong_and_how(mixed):
    rows = mixed.execute("select priority, invariant, explanation from current_violations")
    assert sorted(rows.fetchall()) == [
        ("P1", "NO_DUPLICATE_INVOICES", f"sales {sale}: invoice_no R-9 stands in another row, too")
        for sale in (1, 2)
    ]


def test_how_each_invariant_stands(mixed):
    rows = mixed.execute("select name, status from invariant_status where status <> 'holds'")
    assert rows.fetchall() == [
        ("NO_DUPLICATE_INVOICES", "violated"),
        ("CREDIT_LIMIT_NOT_EXCEEDED", "disabled"),
        ("STOCK_MOVEMENT_BALANCE", "unknown"),
    ]


def test_why_the_score_is_what_it_is(mixed):
    rows = mixed.execute("select score, mode, violated, unknown_invariants from drift_history")
    assert rows.fetchall() == [
        (Decimal("69.80"), "deep", ["NO_DUPLICATE_INVOICES (2)"], ["STOCK_MOVEMENT_BALANCE"])
    ]


def test_what_needs_somebody(mixed):
    rows = mixed.execute("select priority, title, runbook_url from open_incidents")
    assert rows.fetchall() == [
        (
            "P1",
            "NO_DUPLICATE_INVOICES: 2 violations",
            "docs/runbooks/no_duplicate_invoices.md",
        ),
        (
            "P2",
            "STOCK_MOVEMENT_BALANCE could not be checked",
            "docs/runbooks/invariant-check.md",
        ),
    ]


def test_readers_may_ask_all_of_it(mixed):
    mixed.execute("set role plumb_reader")
    for view in ("current_violations", "invariant_status", "drift_history", "open_incidents"):
        assert mixed.execute(f"select * from plumb.{view}").fetchall()
    assert mixed.execute("select * from plumb.read_violations('NO_DUPLICATE_INVOICES')").fetchall()


def test_an_invariant_that_was_never_checked_is_unknown(db):
    assert db.execute("select distinct status from invariant_status").fetchall() == [("unknown",)]
