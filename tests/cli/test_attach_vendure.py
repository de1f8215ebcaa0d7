"""A shop in TypeScript that nobody here wrote: quoted camelCase, a table named "order"."""

import subprocess
from pathlib import Path

import applications
import pytest
from plumbline.core.host import free_port

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "vendure"
ORDER = 'public."order"'

# What somebody who knows this shop would write down. What its constraints hold already (the code
# of an order) is not among it.
EXPERT = {
    ("sum_matches", ORDER, "subTotal"),
    ("sum_matches", ORDER, "shipping"),
    ("sum_matches", ORDER, "subTotalWithTax + shippingWithTax"),
    ("sum_matches", "public.refund", "total"),
    ("sum_matches", "public.stock_level", "stockOnHand"),
    ("sum_matches", "public.stock_level", "stockAllocated"),
    ("non_negative", "public.stock_level", "stockOnHand"),
    ("non_negative", "public.stock_level", "stockAllocated"),
    ("limit", "public.stock_level", "stockOnHand"),
    ("non_negative", ORDER, "subTotal"),
    ("non_negative", "public.order_line", "quantity"),
    ("non_negative", "public.payment", "amount"),
    ("non_negative", "public.refund", "total"),
    ("limit", "public.payment", "amount"),
    ("non_negative", "public.product_variant_price", "price"),
    ("unique", "public.product_variant", "sku"),
    ("unique", "public.customer", "emailAddress"),
}


@pytest.fixture(scope="module")
def shop(cluster_url, tmp_path_factory):
    home = tmp_path_factory.mktemp("vendure")
    for file in HERE.iterdir():
        (home / file.name).write_bytes(file.read_bytes())
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=home, check=True)
    url = applications.make_database(cluster_url, "vendure")
    environment = applications.environment_of(url) | {"SHOP_PORT": str(free_port())}

    def run(script, **more):
        subprocess.run(["node", script], env=environment | more, cwd=home, check=True)

    run("sell.js", IS_NEW="yes")
    application = applications.Application(
        url, work=lambda: run("sell.js"), change=lambda name: run("change.js", PGDATABASE=name)
    )
    application.guard(cluster_url)
    yield application
    application.session.close()
    applications.drop_database(cluster_url, "vendure")


def test_the_rules_of_an_expert_come_out(shop):
    tables, proposals = applications.propose(shop)

    left_out = {table.label for table in tables if table.is_technical}
    assert {"session", "job_record", "migrations"} & {t.label for t in tables} <= left_out
    assert not left_out & {"order", "order_line", "payment", "stock_level", "stock_movement"}
    applications.check_recall(proposals, EXPERT)


def test_the_shop_goes_on_with_everything_on_and_is_left_without_a_trace(shop, cluster_url):
    applications.check_that_it_goes_on(shop, cluster_url)
