"""A shop that nobody here wrote, installed from the package index and sold in by its own code."""

import os
import subprocess
import sys
from pathlib import Path

import applications
import pytest
from plumbline.cli import attach
from psycopg.conninfo import conninfo_to_dict

pytestmark = pytest.mark.slow

RELEASE = "django-oscar==4.1"
HERE = Path(__file__).parent / "oscar"
ORDER = "public.order_order"

# What somebody who knows this shop would write down. What its constraints hold already (numbers of
# orders, counts that are no negative) is not among it.
EXPERT = {
    ("sum_matches", "public.order_order", "total_incl_tax - shipping_incl_tax"),
    ("sum_matches", "public.order_order", "total_excl_tax - shipping_excl_tax"),
    ("sum_matches", "public.order_line", "line_price_incl_tax"),
    ("sum_matches", "public.order_line", "line_price_excl_tax"),
    ("sum_matches", "public.payment_source", "amount_allocated"),
    ("sum_matches", "public.payment_source", "amount_debited"),
    ("sum_matches", "public.payment_source", "amount_refunded"),
    ("sum_matches", "public.partner_stockrecord", "num_allocated"),
    ("limit", "public.partner_stockrecord", "num_in_stock"),
    ("limit", "public.payment_source", "amount_allocated"),
    ("limit", "public.payment_source", "amount_debited"),
    ("non_negative", "public.order_order", "total_incl_tax"),
    # A line has one price here, so that nothing adds up.
    ("sum_matches", "public.order_line", "line_price_incl_tax of order_lineprice"),
}


@pytest.fixture(scope="module")
def shop(cluster_url, tmp_path_factory):
    home = tmp_path_factory.mktemp("oscar")
    python = home / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", RELEASE, "psycopg[binary]"], check=True)
    url = applications.make_database(cluster_url, "oscar")
    place = conninfo_to_dict(url)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(HERE),
        "SHOP_NAME": "oscar",
        "SHOP_HOST": str(place["host"]),
        "SHOP_PORT": str(place["port"]),
        "SHOP_USER": str(place["user"]),
        "PGPASSWORD": str(place.get("password") or os.environ.get("PGPASSWORD", "")),
    }

    def run(*arguments, **more):
        command = [python, "-W", "ignore", *arguments]
        subprocess.run(command, env=environment | more, cwd=home, check=True)

    run("-m", "django", "migrate", "-v0")
    run(HERE / "sell.py")
    application = applications.Application(
        url,
        work=lambda: run(HERE / "sell.py"),
        change=lambda name: run(HERE / "change.py", SHOP_NAME=name),
    )
    application.guard(cluster_url)
    yield application
    application.session.close()
    applications.drop_database(cluster_url, "oscar")


def test_the_rules_of_an_expert_come_out(shop):
    tables, proposals = applications.propose(shop)

    applications.check_recall([proposal for proposal in proposals if proposal.is_certain], EXPERT)
    left_out = {table.label for table in tables if table.is_technical}
    assert {"django_session", "django_migrations", "analytics_userrecord"} <= left_out
    assert not left_out & {"order_order", "partner_stockrecord", "payment_transaction"}


def test_the_shop_goes_on_with_everything_on_and_is_left_without_a_trace(shop, cluster_url):
    applications.turn_everything_on(shop)

    # No transaction of the shop fails, and neither does a migration.
    shop.work()
    shop.change(shop.name)
    shop.work()

    applications.check_truth(shop)
    again, _ = attach.propose(shop.session, applications.read_tables(shop.session, None))
    declared = set(shop.ask("select name from plumb.invariants"))
    assert not declared & {proposal.name for proposal in again if proposal.is_certain}
    assert shop.ask("select count(*) > 100 from plumb.audit_log where relation = %s", ORDER) == [
        True
    ]
    applications.check_restore(shop, cluster_url)
    applications.check_no_trace(shop)
