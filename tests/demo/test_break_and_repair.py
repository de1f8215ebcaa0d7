"""Each break makes exactly one invariant untrue, and its repair makes it true again."""

import json
from argparse import Namespace

import pytest
from plumbline.cli.__main__ import main
from plumbline.cli.demo import INVARIANTS, break_invariant, repair, run
from plumbline.cli.manual import JSON_FIELDS
from plumbline.core.errors import PlumbError


def _untrue(db):
    """Read the views themselves: a check would let auto-correct repair what it finds."""
    return {
        name
        for (name, view) in db.execute("select name, view_name from invariants").fetchall()
        if db.execute(f"select 1 from {view} limit 1").fetchone()
    }


def _silent(_line=""):
    pass


def test_there_is_a_break_for_every_invariant(db):
    assert {name for (name,) in db.execute("select name from invariants")} == set(INVARIANTS)


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_a_break_violates_exactly_its_invariant_and_the_repair_clears_it(db, shop_url, invariant):
    break_invariant(shop_url, invariant, _silent)
    assert _untrue(db) == {invariant}

    repair(shop_url, invariant, _silent)
    assert _untrue(db) == set()


def test_a_break_says_what_it_did_when_it_is_found_and_how_to_watch(db, shop_url):
    said = []

    break_invariant(shop_url, "STOCK_MOVEMENT_BALANCE", said.append)

    text = "\n".join(said)
    assert "by hand" in text
    assert "./plumb verify" in text
    assert "select * from plumb.current_violations" in text
    assert "./plumb demo --repair STOCK_MOVEMENT_BALANCE" in text


def test_everything_broken_twice_is_mended_at_once(db, shop_url):
    for invariant in (*INVARIANTS, *INVARIANTS):
        break_invariant(shop_url, invariant, _silent)
    assert _untrue(db) == set(INVARIANTS)

    repair(shop_url, None, _silent)

    assert _untrue(db) == set()


def test_a_shop_with_nothing_left_to_break_says_so(db, shop_url):
    db.execute("set session_replication_role = replica")
    for table in ("stock_ledger", "stock", "payments", "sale_items", "sales", "products"):
        db.execute(f"delete from {table}")

    for invariant in INVARIANTS:
        with pytest.raises(PlumbError, match=f"nothing with which {invariant}"):
            break_invariant(shop_url, invariant, _silent)


def test_a_repair_of_one_leaves_the_others_broken(db, shop_url):
    break_invariant(shop_url, "NO_NEGATIVE_STOCK", _silent)
    break_invariant(shop_url, "NO_DUPLICATE_INVOICES", _silent)

    repair(shop_url, "NO_NEGATIVE_STOCK", _silent)

    assert _untrue(db) == {"NO_DUPLICATE_INVOICES"}


def test_a_repair_with_nothing_to_mend_says_so(db, shop_url):
    said = []

    repair(shop_url, None, said.append)

    assert said == ["Nothing that ./plumb demo broke is left to repair."]


def test_lines_that_auto_correct_took_away_need_no_repair(db, shop_url):
    break_invariant(shop_url, "NO_ORPHANED_SALE_ITEMS", _silent)
    db.execute("select check_invariants()")
    said = []

    repair(shop_url, "NO_ORPHANED_SALE_ITEMS", said.append)

    assert "auto-correct has moved the lines" in "\n".join(said)


def test_a_double_payment_refunded_meanwhile_is_not_refunded_twice(db, shop_url):
    break_invariant(shop_url, "PAYMENT_SUM_MATCHES_SALE_TOTAL", _silent)
    db.execute(
        "insert into payments (sale_id, customer_id, amount)"
        " select s.sale_id, s.customer_id, -v.paid from sales as s"
        " join payment_sum_matches_sale_total as v on v.subject = s.sale_id"
    )
    db.execute(
        "update sales set status = 'REFUNDED'"
        " where sale_id in (select subject from payment_sum_matches_sale_total)"
    )

    repair(shop_url, None, _silent)

    assert _untrue(db) == set()


def test_a_repair_releases_safe_mode_that_engaged_by_itself(db, shop_url):
    break_invariant(shop_url, "NO_NEGATIVE_STOCK", _silent)
    db.execute("select engage_safe_mode('health score 39 is grade F', 'plumb', true)")
    said = []

    repair(shop_url, None, said.append)

    assert _untrue(db) == set()
    assert "it was disengaged" in said[0]
    assert db.execute("select is_safe_mode()").fetchone() == (False,)


def test_a_repair_respects_safe_mode_that_a_person_engaged(db, shop_url):
    break_invariant(shop_url, "NO_NEGATIVE_STOCK", _silent)
    db.execute("select engage_safe_mode('stock-take', 'ops@example.com')")

    with pytest.raises(PlumbError, match=r"engaged by ops@example\.com: stock-take"):
        repair(shop_url, None, _silent)

    assert _untrue(db) == {"NO_NEGATIVE_STOCK"}


def test_nothing_can_be_broken_in_safe_mode(db, shop_url):
    db.execute("select engage_safe_mode('stock-take', 'ops@example.com')")

    for invariant in INVARIANTS:
        with pytest.raises(PlumbError, match="safe mode is on"):
            break_invariant(shop_url, invariant, _silent)

    assert _untrue(db) == set()
    assert db.execute("select count(*) from demo.breakages").fetchone() == (0,)


def test_a_shop_that_is_not_the_demo_s_is_never_broken(db):
    db.execute("insert into customers (name) values ('A real customer')")

    with pytest.raises(PlumbError, match="does not hold the demo shop"):
        break_invariant(db.info.dsn, "CREDIT_LIMIT_NOT_EXCEEDED", _silent)


def test_a_wrong_name_lists_the_seven(db, shop_url, monkeypatch):
    monkeypatch.setattr("plumbline.core.target.database_url", lambda: shop_url)

    class Arguments:
        install = False
        break_name = "NO_SUCH_RULE"

    with pytest.raises(PlumbError, match=r"no invariant .NO_SUCH_RULE.") as raised:
        run(Arguments())

    assert all(name in raised.value.hint for name in INVARIANTS)


@pytest.mark.parametrize("name", ["no_negative_stock", "NO_NEG", "no-neg", "stock", "Credit"])
def test_the_beginning_of_a_name_in_any_letters_will_do(shop_url, name, monkeypatch, capsys):
    monkeypatch.setattr("plumbline.core.target.database_url", lambda: shop_url)

    assert main(["demo", "--break", name]) == 0

    meant = [known for known in INVARIANTS if known.startswith(name.upper().replace("-", "_"))]
    assert f"Broke {meant[0]}" in capsys.readouterr().out
    assert main(["demo", "--repair", name, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [*printed] == [*JSON_FIELDS["demo"]]
    assert any(meant[0] in line for line in printed["messages"])


@pytest.mark.parametrize(
    ("name", "why"),
    [("no_", "'no_' is the beginning of several"), ("x", "no invariant 'x'"), ("", "which")],
)
def test_a_name_that_means_none_or_several_is_refused(shop_url, name, why, monkeypatch):
    monkeypatch.setattr("plumbline.core.target.database_url", lambda: shop_url)

    with pytest.raises(PlumbError, match=why) as refused:
        run(Namespace(install=False, break_name=name, repair=None))

    assert refused.value.exit_code == 2
    assert "NO_NEGATIVE_STOCK" in refused.value.hint
    assert ("CREDIT_LIMIT_NOT_EXCEEDED" in refused.value.hint) == (name != "no_")
