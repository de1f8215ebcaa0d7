"""`plumb verify` tells the truth by its table, its JSON and its exit code."""

import json
from argparse import Namespace

import pytest
from plumbline.cli import verify as command
from plumbline.cli.demo import break_invariant
from plumbline.core.errors import PlumbError


@pytest.fixture
def verify(shop_url, monkeypatch, capsys):
    """Return a function that runs the command: its exit code and what it printed."""
    monkeypatch.setattr("plumbline.core.target.database_url", lambda: shop_url)

    def run(**options):
        code = command.run(Namespace(**{"json": False, **options}))
        return code, capsys.readouterr().out

    return run


def _break(url, invariant):
    break_invariant(url, invariant, lambda _line="": None)


def test_all_true_is_0(verify):
    code, said = verify()

    assert code == 0
    assert "Every invariant holds." in said
    assert "Drift score 100" in said


def test_a_violation_is_1_and_is_told_in_words(shop_url, verify):
    _break(shop_url, "NO_NEGATIVE_STOCK")

    code, said = verify()

    assert code == 1
    assert "VIOLATED" in said
    assert "quantity is -3" in said
    assert "opened: NO_NEGATIVE_STOCK" in said


def test_an_invariant_that_cannot_be_read_is_2(db, verify):
    db.execute("drop view plumb_rules.no_negative_stock")

    code, said = verify()

    assert code == 2
    assert "UNKNOWN" in said
    assert "does not exist" in said


def test_a_violation_weighs_more_than_an_unknown(db, shop_url, verify):
    db.execute("drop view plumb_rules.no_negative_stock")
    _break(shop_url, "NO_DUPLICATE_INVOICES")

    assert verify()[0] == 1


def test_nothing_checked_is_2(db, verify):
    db.execute("update invariants set is_enabled = false")

    assert verify()[0] == 2


def test_an_incident_that_stays_open_is_shown_again(shop_url, verify):
    _break(shop_url, "NO_DUPLICATE_INVOICES")
    for _ in range(3):
        verify()

    _, said = verify()
    _, again = verify()

    assert "escalated: not healed after 3 attempts" in said
    assert "is ESCALATED" in again


def test_what_was_mended_on_the_way_is_told(shop_url, verify):
    _break(shop_url, "NO_ORPHANED_SALE_ITEMS")

    code, said = verify()

    assert code == 0
    assert "auto correct: " in said
    assert "changed 2 rows" in said


def test_json_holds_the_same(shop_url, verify):
    _break(shop_url, "NO_NEGATIVE_STOCK")

    code, said = verify(json=True)

    report = json.loads(said)
    assert code == 1
    assert report["result"] == "violated"
    assert report["driftScore"] < 85
    assert [found["name"] for found in report["invariants"] if found["example"]] == [
        "NO_NEGATIVE_STOCK"
    ]
    assert [incident["scope"] for incident in report["openIncidents"]] == ["NO_NEGATIVE_STOCK"]


def test_a_database_that_does_not_answer_is_2():
    with pytest.raises(PlumbError, match="nothing could be verified") as raised:
        command.verify("postgresql://nobody@127.0.0.1:1/none")

    assert raised.value.exit_code == 2


def test_operators_may_verify(db, shop_url, connect):
    session = connect()
    session.execute("set role plumb_operator")

    assert session.execute("select plumb.verify() ->> 'result'").fetchone() == ("holds",)


def test_it_names_who_did_it_though_no_job_has_sealed_yet(db, shop_url, verify):
    _break(shop_url, "NO_NEGATIVE_STOCK")

    verify()

    (blame,) = db.execute(
        "select v.blame from plumb.current_violations as v where v.invariant = 'NO_NEGATIVE_STOCK'"
    ).fetchone()
    assert blame[0]["relation"] == "retail.stock"
    assert db.execute(
        "select i.snapshot #> '{violations,0,blame}' = %s from plumb.incidents as i",
        [json.dumps(blame)],
    ).fetchone() == (True,)
