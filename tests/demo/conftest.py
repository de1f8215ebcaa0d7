"""A database that holds the demo shop: loaded once, copied for every test that asks for it."""

import psycopg
import pytest
from plumbline.cli.demo import load_shop
from psycopg.conninfo import make_conninfo
from pytest_postgresql import factories
from pytest_postgresql.executors.noop import NoopExecutor


def _load_shop(**kwargs: object) -> None:
    names = ("host", "port", "user", "password", "dbname")
    load_shop(make_conninfo(**{name: kwargs[name] for name in names if kwargs.get(name)}))


shop_server = factories.postgresql_noproc(
    depends_on="plumbline_server", dbname="plumb_shop_test", load=[_load_shop]
)


@pytest.fixture
def template(request: pytest.FixtureRequest) -> NoopExecutor:
    """Return what names the loaded shop for tests that ask for it, else an empty database."""
    has_shop = "shop_url" in request.fixturenames
    return request.getfixturevalue("shop_server" if has_shop else "plumbline_server")


@pytest.fixture
def shop_url(db: psycopg.Connection) -> str:
    """Return the connection string of a freshly loaded shop."""
    return db.info.dsn
