"""An older shop is upgraded whatever its rows are; what they violate is named afterwards."""

import threading
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from alembic import command
from plumbline.core import migrate as module
from plumbline.core.migrate import migrate
from plumbline.core.revisions import alembic_config
from plumbline.core.statements import statement
from plumbline.migrations import demo_text
from psycopg import sql
from psycopg.conninfo import make_conninfo

# The newest revision whose tables say nothing to the migration itself.
BEFORE_AMOUNTS_WERE_CHECKED = "0023"
OLD_ROWS = """
    insert into retail.customers (name, credit_limit) values ('Ada', 'NaN'), ('Bob', 5);
    insert into retail.sales (invoice_no, customer_id, total, status)
    values ('R-1', 1, 'NaN', 'PAID'), ('r-1 ', 2, 0, 'REFUNDED');
"""
NOT_VALID = """
    select conname from pg_constraint
    where connamespace = 'retail'::regnamespace and not convalidated
    order by conname
"""


@pytest.fixture
def old_shop_url(db, cluster_url):
    """Return the URL of a database whose tables are of the version before."""
    name = f"{db.info.dbname}_old"
    db.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    url = make_conninfo(cluster_url, dbname=name)
    with module._raw_transaction(url) as (connection, raw):
        raw.execute("create schema plumb")
        module.install_extensions(raw)
        command.upgrade(alembic_config(connection, "retail"), BEFORE_AMOUNTS_WERE_CHECKED)
    yield url
    db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_rows_that_violate_a_new_constraint_do_not_stop_the_upgrade(old_shop_url):
    with closing(psycopg.connect(old_shop_url, autocommit=True)) as shop:
        shop.execute(OLD_ROWS)

        migrate(old_shop_url, report=lambda _line: None, demo_schema="retail")

        assert shop.execute(NOT_VALID).fetchall() == [
            ("customers_credit_limit_finite",),
            ("sales_total_finite",),
        ]
        shop.execute("select plumb.check_invariants()")
        # The upgrade declares the shop's invariants, and takes as baseline what violates them.
        assert shop.execute("select * from plumb.current_violations").fetchall() == []
        baseline = shop.execute(
            "select invariant, subject from plumb.accepted_violations where is_baseline"
        ).fetchall()
        assert set(baseline) == {
            ("CREDIT_LIMIT_NOT_EXCEEDED", "1"),
            ("NO_DUPLICATE_INVOICES", "1"),
            ("NO_DUPLICATE_INVOICES", "2"),
            ("PAYMENT_SUM_MATCHES_SALE_TOTAL", "1"),
            ("SALE_TOTAL_MATCHES_LINE_ITEMS", "1"),
        }
        with pytest.raises(psycopg.errors.CheckViolation):
            shop.execute("insert into retail.customers (name, credit_limit) values ('C', 'NaN')")


def test_the_upgrade_waits_for_a_sale_in_progress_and_fails_nobody(old_shop_url):
    with (
        closing(psycopg.connect(old_shop_url, autocommit=True)) as shop,
        closing(psycopg.connect(old_shop_url)) as till,
    ):
        shop.execute(OLD_ROWS)
        till.execute("insert into retail.payments (customer_id, amount) values (2, 1)")
        upgrade = threading.Thread(target=migrate, args=(old_shop_url, lambda _line: None))
        upgrade.start()
        waits = (
            "select count(*) from pg_locks where not granted and relation = any("
            " '{retail.customers,retail.sales,retail.payments}'::regclass[])"
        )
        while not shop.execute(waits).fetchone()[0]:
            assert upgrade.is_alive()
        # What would deadlock with an upgrade that holds some tables and waits for others.
        till.execute("update retail.customers set name = 'Robert' where customer_id = 2")
        till.execute("update retail.sales set status = 'CANCELLED' where sale_id = 2")
        till.commit()
        upgrade.join(timeout=60)

        assert shop.execute("select count(*) from retail.payments").fetchone() == (1,)
        assert shop.execute(NOT_VALID).rowcount == 2


def test_whoever_reads_before_he_writes_is_not_caught_between(db, connect, wait_until_blocked):
    # As it was before the revision that alters the shop's tables.
    db.execute("alter table retail.sales drop constraint sales_total_finite")
    db.execute("insert into retail.customers (name) values ('Ada')")
    till, upgrade = connect(autocommit=False), connect(autocommit=False)
    till.execute("set lock_timeout = '2s'")
    till.execute("select count(*) from retail.customers")
    upgrade.execute("set local lock_timeout = '10s'")
    locking = threading.Thread(
        target=upgrade.execute, args=(statement("plumbline.core", "lock_written_tables"),)
    )
    locking.start()
    wait_until_blocked(upgrade)

    till.execute("update retail.customers set name = 'Grace'")
    till.commit()
    locking.join(timeout=10)

    held = "select mode from pg_locks where relation = 'retail.customers'::regclass and pid = %s"
    modes = {mode for (mode,) in db.execute(held, [upgrade.info.backend_pid])}
    assert "AccessExclusiveLock" in modes


def test_what_was_accepted_stays_so_when_templates_declare_the_rules(shop):
    shop.execute(
        """
        set session_replication_role = replica;
        insert into retail.sales (invoice_no, customer_id, status) values ('r-1', 1, 'CANCELLED');
        update retail.stock set quantity = -2 where product_id = 2;
        insert into retail.stock_ledger (product_id, delta, reason) values (2, -12, 'ADJUSTMENT');
        set session_replication_role = origin;
        insert into plumb.accepted_violations
            (invariant, subject, explanation, reason, accepted_by, accepted_at)
        values
        ('NO_DUPLICATE_INVOICES', 'R-1', 'invoice R-1 was issued 2 times', 'old', 'ann', now()),
        ('NO_DUPLICATE_INVOICES', 'r-1', 'invoice r-1 was issued 2 times', 'old', 'ann', now()),
        ('NO_NEGATIVE_STOCK', '2', 'product 2 (CUP) has -2 on the shelf', 'old', 'ann', now());
        """
    )
    versions = Path(str(files("plumbline.migrations"))) / "versions"
    (revision,) = versions.glob("*_shop_rules.sql")
    shop.execute(demo_text(str(revision), "retail"))
    shop.execute("select plumb.check_invariants()")
    assert shop.execute("select invariant, subject from plumb.current_violations").fetchall() == []

    shop.execute("update retail.sales set invoice_no = 'R -1' where sale_id = 2")
    shop.execute("select plumb.check_invariants()")
    assert shop.execute("select invariant, subject from plumb.current_violations").fetchall() == [
        ("NO_DUPLICATE_INVOICES", "2")
    ]


def test_the_priority_that_an_operator_gave_stays(db, cluster_url):
    db.execute("select plumb.tune_invariant('NO_NEGATIVE_STOCK', 'P3')")
    migrate(make_conninfo(cluster_url, dbname=db.info.dbname), report=lambda _line: None)
    assert db.execute(
        "select priority from plumb.invariants where name = 'NO_NEGATIVE_STOCK'"
    ).fetchone() == ("P3",)
