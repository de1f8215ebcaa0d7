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
