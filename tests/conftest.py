"""A real cluster, a template database migrated once, and a fresh copy of it for every test."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import psycopg
import pytest
from plumbline.core.config import forget_variables
from plumbline.core.cron import leave_scheduler
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster, tcp_url
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pytest_postgresql import factories
from pytest_postgresql.executors.noop import NoopExecutor
from sql_coverage import SQL_COVERAGE

# Whoever runs the tests may have receivers of alerts in his environment.
forget_variables()
# Workers set it for their own output; a command's would be as narrow.
os.environ.pop("COLUMNS", None)

# The middle of the first second of a minute: windows of 60 s begin at full minutes.
START = "2030-01-01 12:00:00+00"

# pytest-postgresql wants to know the server when its fixtures are declared, so the cluster of
# a plain `pytest` starts here; `./plumb test` has started one for each worker (gw0, gw1 …) already.
_at_exit = ExitStack()
if "PLUMB_TEST_URLS" in os.environ:
    _worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    SERVER_URL = os.environ["PLUMB_TEST_URLS"].split()[_worker]
else:
    SERVER_URL = tcp_url(_at_exit.enter_context(scratch_cluster()), "postgres")
_server = conninfo_to_dict(SERVER_URL)
# A connection does not tell its password; libpq finds it here for those opened like it.
if "password" in _server:
    os.environ["PGPASSWORD"] = _server["password"]

# A script that starts the suite in the background lets it, and all that is started here, ignore
# the interrupts that some tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)


# These begin first: one that began last would keep a single worker busy at the end. No two of them
# wait for most of their time, for then processors would idle.
LONG_FILES = (
    "platform/test_pg_cron.py",
    "static/test_linters.py",
    "api/test_route_spellings.py",
    "audit/test_baselines.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let long files begin first; see LONG_FILES."""
    ranks = {name: rank for rank, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: ranks.get("/".join(item.path.parts[-2:]), len(ranks)))


def pytest_unconfigure() -> None:
    """Remove the cluster that was started here, if one was."""
    SQL_COVERAGE.write(SERVER_URL)
    _at_exit.close()


def _load_plumbline(**kwargs: object) -> None:
    names = ("host", "port", "user", "password", "dbname")
    url = make_conninfo(**{name: kwargs[name] for name in names if kwargs.get(name)})
    migrate(url, report=lambda _line: None, demo_schema="retail")
    SQL_COVERAGE.prepare(url)


plumbline_server = factories.postgresql_noproc(
    host=_server["host"],
    port=_server["port"],
    user=_server["user"],
    password=_server.get("password", ""),
    dbname="plumb_test",
    load=[_load_plumbline],
)


@pytest.fixture(scope="session")
def cluster_url() -> str:
    """Return the superuser's URL of the test cluster, for what needs a whole server."""
    return SERVER_URL


@pytest.fixture(scope="session")
def on_server() -> Iterator[Callable[..., None]]:
    """Yield a function that runs a statement with names, as superuser, in one kept session."""
    kept: list[psycopg.Connection] = []

    def run(statement: str, *names: str) -> None:
        # A test may have ended every session of the server.
        if not kept or kept[-1].closed:
            kept.append(psycopg.connect(SERVER_URL, autocommit=True))
        kept[-1].execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    yield run
    for session in kept:
        session.close()


@pytest.fixture
def template(plumbline_server: NoopExecutor) -> NoopExecutor:
    """Return what names the database that a test's own is a copy of."""
    return plumbline_server


@pytest.fixture
def db(template: NoopExecutor, on_server: Callable[..., None]) -> Iterator[psycopg.Connection]:
    """Yield a superuser's autocommit connection to this test's own database."""
    name = template.dbname
    url = make_conninfo(SERVER_URL, dbname=name)
    on_server("drop database if exists {} with (force)", name)
    # Copies files; the default strategy logs each page and takes twice as long.
    on_server("create database {} template {} strategy file_copy", name, template.template_dbname)
    with psycopg.connect(url, autocommit=True) as connection:
        # Belongs to a database's name and is not copied with it.
        connection.execute("select plumb.set_worker_settings()")
        # Tests write names without schemas; the product puts none of them on a path.
        for target in (
            sql.SQL("alter database {} set").format(sql.Identifier(name)),
            sql.SQL("set"),
        ):
            connection.execute(target + sql.SQL(' search_path = "$user", public, retail, plumb'))
        yield connection
        _leave_scheduler(connection, url)
    SQL_COVERAGE.collect(url)
    on_server("drop database if exists {} with (force)", name)


def _leave_scheduler(connection: psycopg.Connection, url: str) -> None:
    """Take out of pg_cron what a test's `migrate` put there, or it runs jobs in the next tests."""
    with suppress(psycopg.Error):
        if connection.execute("select plumb.setting('cron_database')").fetchone()[0]:
            leave_scheduler(url)


def _give_password(connection: psycopg.Connection, role: str) -> None:
    """Let a role log in with the password of this run, if the server asks for one.

    Args:
        connection: A superuser's connection.
        role: The role's name.
    """
    connection.execute(
        sql.SQL("alter role {} password {}").format(
            sql.Identifier(role), os.environ.get("PGPASSWORD")
        )
    )


@pytest.fixture(scope="session")
def give_password() -> Callable[[psycopg.Connection, str], None]:
    """Return a function that lets a role log in over a superuser's connection."""
    return _give_password


@pytest.fixture
def connect(db: psycopg.Connection) -> Iterator[Callable[..., psycopg.Connection]]:
    """Yield a function that opens more real sessions on this test's database.

    It takes `role`, a role to become, and whatever psycopg.connect takes; with `user`, a role
    to log in as, that role gets the password which the server asks for.
    """
    opened = []

    def open_session(role: str | None = None, **options: object) -> psycopg.Connection:
        options.setdefault("autocommit", True)
        if "user" in options:
            _give_password(db, str(options["user"]))
        if role:
            options["options"] = f"-c role={role} {options.get('options', '')}".strip()
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


@pytest.fixture
def without_rules(db: psycopg.Connection) -> None:
    """Take out what the demo declares by templates, so that only a test's own rules are there."""
    db.execute("select plumb.drop_invariant(r.invariant) from plumb.rules as r")


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


@pytest.fixture
def at(db: psycopg.Connection) -> Callable[[float], None]:
    """Return a function that sets the session's clock to seconds after START; it starts at 0."""

    def set_clock(seconds: float, connection: psycopg.Connection = db) -> None:
        connection.execute(
            "select set_config('plumb.current_time', (%s::timestamptz + make_interval(secs => %s))"
            "::text, false)",
            [START, seconds],
        )

    set_clock(0)
    return set_clock


@pytest.fixture
def call(db: psycopg.Connection) -> Callable[..., object]:
    """Return a function that calls a function of schema plumb."""

    def call_function(name: str, *arguments: object, on: psycopg.Connection = db) -> object:
        places = sql.SQL(", ").join([sql.SQL("%s")] * len(arguments))
        query = sql.SQL("select {}({})").format(sql.Identifier("plumb", name), places)
        return on.execute(query, arguments).fetchone()[0]

    return call_function


@pytest.fixture
def wait_until_blocked(db: psycopg.Connection) -> Callable[[psycopg.Connection], None]:
    """Yield a function that returns once a session waits for a lock of another."""

    def wait(session: psycopg.Connection) -> None:
        query = "select pg_blocking_pids(%s) <> '{}', pg_sleep(0.005)"
        for _ in range(2000):
            if db.execute(query, [session.info.backend_pid]).fetchone()[0]:
                return
        raise AssertionError("the session never had to wait")

    return wait
