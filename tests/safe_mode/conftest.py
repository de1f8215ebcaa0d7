"""A clock to move and a shop with one product in it."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from owned_tables import mallory, owned  # noqa: F401
from psycopg import sql


@pytest.fixture
def at(db: psycopg.Connection) -> Callable[[str], None]:
    """Return a function that sets this session's clock to noon plus an interval."""

    def set_clock(offset: str) -> None:
        db.execute(
            "select set_config('plumb.current_time',"
            " (timestamptz '2030-01-01 12:00+00' + %s::interval)::text, false)",
            [offset],
        )

    set_clock("0")
    return set_clock


@pytest.fixture
def shop(db: psycopg.Connection) -> psycopg.Connection:
    """Yield the superuser's session on a shop with a customer and a product."""
    db.execute("insert into retail.customers (name) values ('Ada')")
    db.execute("insert into retail.products (sku, name) values ('NAIL', 'Nails')")
    return db


@pytest.fixture(autouse=True)
def nothing_stays_prepared(db: psycopg.Connection) -> Iterator[None]:
    """Roll back what a failed test left prepared: it would keep its database from being dropped."""
    yield
    for (gid,) in db.execute(
        "select gid from pg_prepared_xacts where database = current_database()"
    ).fetchall():
        db.execute(sql.SQL("rollback prepared {}").format(gid))
