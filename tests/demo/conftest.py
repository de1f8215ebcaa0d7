"""A database that holds the demo shop."""

import psycopg
import pytest
from plumbline.cli.demo import load_shop


@pytest.fixture
def shop_url(db: psycopg.Connection) -> str:
    """Return the connection string of a freshly loaded shop."""
    load_shop(db.info.dsn)
    return db.info.dsn
