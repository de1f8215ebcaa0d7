"""A real cluster, a template database migrated once, and a fresh copy of it for every test."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from plumbline.cli.migrate import extend_search_path, migrate
from pytest_postgresql import factories

_server = urlsplit(os.environ["PLUMB_TEST_URL"])


def _load_plumbline(**kwargs: object) -> None:
    url = (
        f"postgresql://{kwargs['user']}:{kwargs['password'] or ''}"
        f"@{kwargs['host']}:{kwargs['port']}/{kwargs['dbname']}"
    )
    migrate(url, report=lambda _line: None)


plumbline_server = factories.postgresql_noproc(
    host=_server.hostname,
    port=_server.port,
    user=_server.username,
    password=_server.password or "",
    dbname="plumb_test",
    load=[_load_plumbline],
)
plumbline_database = factories.postgresql("plumbline_server")


@pytest.fixture
def db(plumbline_database: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """Yield a superuser's autocommit connection to this test's own database."""
    with psycopg.connect(plumbline_database.info.dsn, autocommit=True) as connection:
        extend_search_path(connection)
        connection.execute('set search_path = "$user", public, retail, plumb')
        yield connection


@pytest.fixture
def connect(db: psycopg.Connection) -> Iterator[Callable[..., psycopg.Connection]]:
    """Yield a function that opens more real sessions on this test's database."""
    opened = []

    def open_session(**options: object) -> psycopg.Connection:
        options.setdefault("autocommit", True)
        opened.append(psycopg.connect(db.info.dsn, **options))
        return opened[-1]

    yield open_session
    for connection in opened:
        connection.close()


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """Yield a shop in which every invariant holds: one of each thing, every key 1 (cups are 2)."""
    db.execute(
        """
        insert into customers (name, credit_limit) values ('Ada', 100);
        insert into products (sku, name, price) values ('TEA', 'Tea', 10), ('CUP', 'Cup', 4);
        insert into stock_ledger (product_id, delta, reason)
        values (1, 10, 'DELIVERY'), (2, 10, 'DELIVERY');
        insert into sales (invoice_no, customer_id, total, status) values ('R-1', 1, 30, 'PAID');
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        values (1, 1, 3, 10, 30);
        insert into payments (sale_id, customer_id, amount, method) values (1, 1, 30, 'CASH');
        insert into stock_ledger (product_id, delta, reason, sale_id) values (1, -3, 'SALE', 1);
        """
    )
    return db
