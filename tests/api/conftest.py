"""The service twice: as its real process with real HTTP, and in this process for quick looks."""

import contextlib
from collections.abc import Callable, Iterator

import psycopg
import pytest
from api_processes import Gateway, Service, running
from browser import BROWSER
from flask import Flask
from plumbline.api import create_app
from plumbline.api.config import Config
from plumbline.core.guide_path import put_guide_on_path
from sql_coverage import SQL_COVERAGE


@pytest.fixture(scope="session")
def service_database(plumbline_server) -> Iterator[str]:
    """Yield the URL of a migrated database that lives as long as the server process."""
    server = plumbline_server
    base = f"postgresql://{server.user}:{server.password or ''}@{server.host}:{server.port}"
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("drop database if exists plumb_test_api with (force)")
        connection.execute(f"create database plumb_test_api template {server.template_dbname}")
        with psycopg.connect(f"{base}/plumb_test_api", autocommit=True) as own:
            put_guide_on_path(own, is_wanted=True)
        yield f"{base}/plumb_test_api"
        SQL_COVERAGE.collect(f"{base}/plumb_test_api")
        connection.execute("drop database plumb_test_api with (force)")


@pytest.fixture(scope="session")
def server_process(service_database, tmp_path_factory) -> Iterator[Service]:
    with running(service_database, tmp_path_factory.mktemp("api") / "log") as service:
        yield service


@pytest.fixture
def service_db(service_database) -> Iterator[psycopg.Connection]:
    with psycopg.connect(service_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def service(server_process, service_db) -> Service:
    """Return the running server, its database out of safe mode."""
    service_db.execute("update system_mode set mode = 'normal', override_token = null")
    return server_process


@contextlib.contextmanager
def _app_maker(database_url: str) -> Iterator[Callable]:
    made = []

    def make(**options: object) -> Flask:
        app = create_app(Config(database_url, **options))
        # A test client reports no latencies by itself.
        app.extensions["plumbline"].start = lambda: None
        made.append(app)
        return app

    yield make
    for app in made:
        app.config["DATABASE"].close()


@pytest.fixture
def make_app(db) -> Iterator[Callable]:
    """Yield a function that makes an app on this test's own database."""
    with _app_maker(db.info.dsn) as make:
        yield make


@pytest.fixture
def client(make_app):
    """Return a client of an app that needs no token."""
    return make_app().test_client()


@pytest.fixture
def make_shared_app(service_database, service_db) -> Iterator[Callable]:
    """Yield what make_app yields, on a database that tests share: for those that leave no trace."""
    service_db.execute("update system_mode set mode = 'normal', override_token = null")
    with _app_maker(service_database) as make:
        yield make


@pytest.fixture
def shared_client(make_shared_app):
    return make_shared_app().test_client()


@pytest.fixture
def gateway(db) -> Iterator[Gateway]:
    gateway = Gateway(db.info.host, db.info.port)
    yield gateway
    gateway.cut()


@pytest.fixture
def far_client(db, gateway):
    """Yield a client of an app that reaches its database through the gateway."""
    dsn = psycopg.conninfo.make_conninfo(db.info.dsn, host="127.0.0.1", port=gateway.port)
    with _app_maker(dsn) as make:
        app = make(connect_seconds=1, statement_seconds=1, schema_revision="0000")
        yield app.test_client()


@pytest.fixture
def look(client):
    """Return a function that opens a page as a browser does."""
    return lambda path="/", query=None: client.get(path, query_string=query, headers=BROWSER)


@pytest.fixture
def checked(db):
    """Return a database whose scheduler runs, and whose invariants were just checked."""
    db.execute(
        "insert into plumb.job_runs (job_name, started_at, finished_at, result)"
        " select job_name, now(), now(), 'succeeded' from plumb.jobs"
    )
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.score_health()")
    return db
