"""An ERP that nobody here wrote, with its own ORM, traded in by its own code: over 200 tables."""

import subprocess
import sys
from pathlib import Path

import applications
import pytest

pytestmark = pytest.mark.slow

RELEASE = "8.2"
HERE = Path(__file__).parent / "tryton"
TABLES_MIN = 200
MODULES = (
    "account_asset account_dunning account_invoice_stock account_payment account_statement"
    " analytic_sale commission party_relationship product_price_list production"
    " project purchase purchase_request sale sale_complaint sale_price_list"
    " sale_promotion sale_subscription sale_supply stock_forecast stock_lot stock_supply"
    " timesheet"
)

# What somebody who knows this ERP would write down. What its constraints hold already (debit or
# credit of a line, quantities that are not negative) is not among it.
EXPERT = {
    ("sum_matches", "public.account_move", "0"),
    ("sum_matches", "public.account_move_reconciliation", "0"),
    ("sum_matches", "public.account_invoice", "untaxed_amount_cache"),
    ("sum_matches", "public.account_invoice", "tax_amount_cache"),
    ("sum_matches", "public.account_invoice", "total_amount_cache"),
    ("sum_matches", "public.sale_sale", "untaxed_amount_cache"),
    ("sum_matches", "public.sale_sale", "total_amount_cache"),
    ("sum_matches", "public.purchase_purchase", "untaxed_amount_cache"),
    ("sum_matches", "public.purchase_purchase", "total_amount_cache"),
    ("unique", "public.account_invoice", "number"),
    ("unique", "public.account_move", "number"),
    ("unique", "public.sale_sale", "number"),
    ("unique", "public.purchase_purchase", "number"),
    ("unique", "public.stock_shipment_out", "number"),
}


@pytest.fixture(scope="module")
def erp(cluster_url, tmp_path_factory):
    home = tmp_path_factory.mktemp("tryton")
    python = home / "bin" / "python"
    packages = [f"trytond-{name.replace('_', '-')}~={RELEASE}.0" for name in MODULES.split()]
    packages += [f"trytond-sale-opportunity~={RELEASE}.0", f"proteus~={RELEASE}.0"]
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    subprocess.run(
        [python, "-m", "pip", "install", "-q", *packages, "psycopg[binary,pool]"], check=True
    )
    url = applications.drop_database(cluster_url, "tryton")  # Tryton makes it
    environment = applications.environment_of(url) | {
        "TRYTOND_DATABASE_URI": "postgresql://",
        "DB_NAME": "tryton",
        "TRADE_MODULES": MODULES,
    }

    def run(script, **more):
        subprocess.run(
            [python, "-W", "ignore", HERE / script], env=environment | more, cwd=home, check=True
        )

    run("sell.py", IS_NEW="yes")
    application = applications.Application(
        url, work=lambda: run("sell.py"), change=lambda name: run("change.py", DB_NAME=name)
    )
    application.guard(cluster_url)
    yield application
    application.session.close()
    applications.drop_database(cluster_url, "tryton")


def test_the_rules_of_an_expert_come_out(erp):
    tables, proposals = applications.propose(erp)

    assert len(tables) >= TABLES_MIN
    applications.check_recall(proposals, EXPERT)


def test_the_erp_goes_on_with_everything_on_and_is_left_without_a_trace(erp, cluster_url):
    applications.check_that_it_goes_on(erp, cluster_url)
