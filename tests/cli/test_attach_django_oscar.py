"""A shop that nobody here wrote, installed from the package index and sold in by its own code."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from plumbline.cli import attach
from plumbline.cli.attach.catalog import read_tables
from plumbline.core.migrate import migrate
from psycopg.conninfo import conninfo_to_dict, make_conninfo

pytestmark = pytest.mark.slow

RELEASE = "django-oscar==4.1"
HERE = Path(__file__).parent / "oscar"
RECALL_MIN = 0.8
SECONDS_MAX = 60

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
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute("drop database if exists oscar")
        server.execute("create database oscar")
    place = conninfo_to_dict(cluster_url)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(HERE),
        "SHOP_NAME": "oscar",
        "SHOP_HOST": str(place["host"]),
        "SHOP_PORT": str(place["port"]),
        "SHOP_USER": str(place["user"]),
        "PGPASSWORD": str(place.get("password") or os.environ.get("PGPASSWORD", "")),
    }

    def run(*arguments):
        subprocess.run([python, "-W", "ignore", *arguments], env=environment, cwd=home, check=True)

    run("-m", "django", "migrate", "-v0")
    run(HERE / "sell.py")
    url = make_conninfo(cluster_url, dbname="oscar")
    migrate(url, report=lambda _line: None)
    with psycopg.connect(url, autocommit=True) as session:
        session.execute("set search_path = pg_catalog, pg_temp")
        session.execute("analyze")
        yield SimpleNamespace(session=session, url=url, run=run)
    with psycopg.connect(cluster_url, autocommit=True) as server:
        server.execute("drop database oscar")


@pytest.fixture(scope="module")
def oscar(shop):
    return shop.session


def short(proposal):
    arguments = proposal.arguments
    subject = arguments.get("total") or arguments.get("limit") or arguments.get("amount")
    return (proposal.template, arguments["table"], subject)


def test_the_rules_of_an_expert_come_out_and_can_be_declared(oscar):
    started = time.monotonic()
    tables = read_tables(oscar, None)
    proposals, unanswered = attach.propose(oscar, tables)
    assert time.monotonic() - started < SECONDS_MAX
    assert unanswered == 0

    certain = [proposal for proposal in proposals if proposal.is_certain]
    found = {short(proposal) for proposal in certain}
    assert len(EXPERT & found) >= RECALL_MIN * len(EXPERT), f"missing: {EXPERT - found}"

    left_out = {table.label for table in tables if table.is_technical}
    assert {"django_session", "django_migrations", "analytics_userrecord"} <= left_out
    assert not left_out & {"order_order", "partner_stockrecord", "payment_transaction"}

    for proposal in certain:
        oscar.execute(proposal.call())
    oscar.execute("select plumb.check_invariants()")
    assert (
        oscar.execute(
            "select name, status, error from plumb.invariant_status where status <> 'holds'"
        ).fetchall()
        == []
    )
    again, _ = attach.propose(oscar, tables)
    assert [proposal.name for proposal in again if proposal.is_certain] == []


def test_the_shop_goes_on_with_everything_on_and_is_left_without_a_trace(shop):
    """After the test before, which declared the rules."""
    session = shop.session
    for table in read_tables(session, None):
        if table.is_technical or not table.columns:
            continue
        session.execute("select plumb.guard_table(%s::regclass)", [table.name])
        session.execute(
            "select plumb.audit_table(%s::regclass, '{}', %s)", [table.name, table.secrets]
        )
    names = [name for (name,) in session.execute("select name from plumb.invariants").fetchall()]
    enforced = []
    for name in names:
        with suppress(psycopg.errors.RaiseException, psycopg.ProgrammingError):
            session.execute("select plumb.enforce_invariant(%s, 'commit')", [name])
            enforced.append(name)
    assert len(enforced) >= RECALL_MIN * len(names)

    # No transaction of the shop fails, and neither does a migration.
    shop.run(HERE / "sell.py")
    shop.run(HERE / "change.py")
    shop.run(HERE / "sell.py")

    session.execute("select plumb.seal_audit(), plumb.check_invariants()")
    assert (
        session.execute(
            "select name, status, error from plumb.invariant_status where status <> 'holds'"
        ).fetchall()
        == []
    )
    assert session.execute("select plumb.missing_enforcement()").fetchall() == []
    assert session.execute("select * from plumb.check_audit()").fetchall() == []
    assert session.execute(
        "select count(*) > 100 from plumb.audit_log where relation = 'public.order_order'"
    ).fetchone() == (True,)

    subprocess.run(
        [sys.executable, "-m", "plumbline.cli", "detach", "public"],
        env=os.environ | {"DATABASE_URL": shop.url},
        check=True,
    )
    assert (
        session.execute(
            "select tgname, tgrelid::regclass from pg_trigger"
            " where tgname like 'plumb%' and tgrelid::regclass::text not like 'plumb.%'"
        ).fetchall()
        == []
    )
