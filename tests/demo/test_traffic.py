"""Traffic keeps every invariant true, and takes refusals like a grown-up."""

import signal
import subprocess
import sys
import time

import pytest
from plumbline.cli.demo import traffic
from plumbline.cli.demo.traffic import run_traffic
from plumbline.core.errors import PlumbError


def _silent(_line):
    pass


@pytest.mark.slow
def test_four_tills_keep_every_invariant_true(db, shop_url):
    counts = run_traffic(shop_url, 4, 200, 3, report=_silent, seed=7)

    assert counts["sales"] > 50
    assert min(counts[kind] for kind in ("refunds", "deliveries", "payments")) > 0
    assert {row[1] for row in db.execute("select * from check_invariants()")} == {"holds"}


@pytest.mark.slow
def test_tills_that_want_the_same_few_products_keep_every_invariant_true(db, shop_url, monkeypatch):
    def know_four_products(till, *arguments):
        make_till(till, *arguments)
        till.prices = {product: till.prices[product] for product in range(1, 5)}

    make_till = traffic._Till.__init__
    monkeypatch.setattr(traffic._Till, "__init__", know_four_products)
    db.execute(
        "insert into stock_ledger (product_id, delta, reason)"
        " select product_id, 1 - quantity, 'ADJUSTMENT' from stock where product_id <= 4"
    )

    counts = run_traffic(shop_url, 4, 150, 2, report=_silent, seed=7)

    assert counts["sold out"] > 0
    assert {row[1] for row in db.execute("select * from check_invariants()")} == {"holds"}


def test_traffic_acts_as_the_application_s_role(db, shop_url):
    db.execute("revoke insert on payments, stock_ledger from retail_app")

    with pytest.raises(PlumbError, match="permission denied"):
        run_traffic(shop_url, 1, 100, 1, report=_silent, seed=7)


def test_writes_that_safe_mode_refuses_are_told_in_words(db, shop_url, monkeypatch):
    monkeypatch.setattr("plumbline.cli.demo.traffic.REPORT_SECONDS", 0.3)
    db.execute("select engage_safe_mode('stock-take', 'test')")
    said = []

    counts = run_traffic(shop_url, 2, 100, 1, report=said.append, seed=7)

    assert set(counts) == {"refused"}
    assert any("safe mode is on" in line and "stock-take" in line for line in said)


def test_ctrl_c_ends_it_cleanly(db, shop_url):
    program = "import sys; from plumbline.cli.demo.traffic import run_traffic; " + (
        "run_traffic(sys.argv[1], 2, 50, None)"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program, shop_url], stdout=subprocess.PIPE, text=True
    )
    assert "tills" in process.stdout.readline()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if db.execute("select 1 from pg_stat_activity where application_name ~ 'till'").fetchone():
            break
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=15)

    assert process.returncode == 0
    assert "Closed:" in said
