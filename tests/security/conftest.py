"""A clock that tests turn by hand, and short ways to ask the security engine."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from flask import Flask
from foreign_code import declared, mallory, watch  # noqa: F401
from foreign_types import below  # noqa: F401
from plumbline.api import create_app
from plumbline.api.config import Config
from psycopg import sql
from werkzeug.serving import make_server


@pytest.fixture
def ask(db: psycopg.Connection) -> Callable[..., dict]:
    """Return a function that asks for a request's admission."""

    def admit(
        client: str = "203.0.113.7",
        method: str = "GET",
        route: str = "/system-health",
        on: psycopg.Connection = db,
        **more: object,
    ) -> dict:
        arguments = {"p_client": client, "p_method": method, "p_route": route, **more}
        named = [
            sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name))
            for name in arguments
        ]
        query = sql.SQL("select plumb.admit_request({})").format(sql.SQL(", ").join(named))
        return on.execute(query, arguments).fetchone()[0]

    return admit


@pytest.fixture
def open_scopes(db: psycopg.Connection) -> Callable[[], list[str]]:
    """Return a function that runs the scan and lists the open security incidents' scopes."""

    def scan() -> list[str]:
        db.execute("select plumb.run_security_scan()")
        rows = db.execute(
            "select scope from plumb.open_incidents where source = 'security' order by scope"
        )
        return [scope for (scope,) in rows]

    return scan


@pytest.fixture
def make_app(db: psycopg.Connection) -> Iterator[Callable[..., Flask]]:
    """Yield a function that makes the HTTP service on this test's database."""
    made = []

    def make(**options: object) -> Flask:
        app = create_app(Config(db.info.dsn, **options))
        # A test client reports no latencies by itself.
        app.extensions["plumbline"].start = lambda: None
        made.append(app)
        return app

    yield make
    for app in made:
        app.config["DATABASE"].close()


@pytest.fixture
def serve() -> Iterator[Callable[[Callable], str]]:
    """Yield a function that serves a WSGI application over real HTTP and returns its URL."""
    servers = []

    def start(app: Callable) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
