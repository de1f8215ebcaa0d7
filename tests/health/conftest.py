"""A clock to move and a shop with one product in it."""

from collections.abc import Callable

import psycopg
import pytest


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


@pytest.fixture
def engage(db: psycopg.Connection) -> Callable[[], None]:
    """Return a function that engages safe mode."""
    return lambda: db.execute("select plumb.engage_safe_mode('a test', 'ops@example.com')")


@pytest.fixture
def disengage(db: psycopg.Connection) -> Callable[..., str]:
    """Return a function that tries to end safe mode and returns the result."""

    def try_token(token: str | None = "s3cret") -> str:
        row = db.execute("select plumb.disengage_safe_mode(%s, 'ops')", [token]).fetchone()
        return row[0]["result"]

    return try_token
