"""The owner of a guarded application dumps and restores it, and is no superuser."""

import subprocess
from collections.abc import Iterator
from types import SimpleNamespace

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster

APPLICATION = """
    create role shop_owner login;
    create schema sales authorization shop_owner;
    set role shop_owner;
    create table sales.orders (order_id integer primary key, total numeric);
    create table sales.lines (
        line_id integer primary key, order_id integer references sales.orders, amount numeric
    );
    insert into sales.orders select n, n from generate_series(1, 5) as n;
    insert into sales.lines select n, n, n from generate_series(1, 5) as n;
    reset role;
"""
GUARD = """
    select plumb.guard_table('sales.orders'), plumb.guard_table('sales.lines');
    select plumb.audit_table('sales.orders');
    select plumb.declare_sum_matches('TOTAL', 'sales.orders', 'total', 'amount', 'sales.lines');
    select plumb.enforce_invariant('TOTAL', 'commit');
"""
ROWS = "select count(*) from sales.orders natural join sales.lines"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with scratch_cluster() as made:
        made.ensure_database("app")
        with psycopg.connect(made.url("app"), autocommit=True) as session:
            session.execute(APPLICATION)
        migrate(made.url("app"), report=lambda _line: None)
        with psycopg.connect(made.url("app"), autocommit=True) as session:
            session.execute(GUARD)
        yield made


@pytest.fixture
def run(server):
    """Return functions that dump as a role, and restore whole or not at all."""

    def dump(role, *options):
        return subprocess.run(
            [server.programs / "pg_dump", *options, server.url("app", user=role)],
            capture_output=True,
            text=True,
            check=False,
        )

    def restore(name, text):
        return subprocess.run(
            [server.programs / "psql", "-qX1", "-v", "ON_ERROR_STOP=1", server.url(name)],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )

    return SimpleNamespace(dump=dump, restore=restore)


def rows_of(server, name):
    with psycopg.connect(server.url(name)) as session:
        return session.execute(ROWS).fetchone()


def test_one_option_lets_the_owner_dump_everything_else(server, run):
    assert "permission denied for schema plumb" in run.dump("shop_owner").stderr

    dumped = run.dump("shop_owner", "--exclude-schema=plumb*")

    assert dumped.returncode == 0, dumped.stderr
    assert "CREATE TABLE sales.orders" in dumped.stdout
    assert "CREATE TABLE plumb" not in dumped.stdout


def test_the_owner_dumps_his_schemas_and_restores_them_where_plumbline_is(server, run):
    dumped = run.dump("shop_owner", "--schema=sales")
    assert dumped.returncode == 0, dumped.stderr
    server.ensure_database("copy")
    migrate(server.url("copy"), report=lambda _line: None)

    restored = run.restore("copy", dumped.stdout)

    assert restored.returncode == 0, restored.stderr
    assert rows_of(server, "copy") == (5,)


def test_the_owner_dumps_everything_once_he_may_read_everything(server, run):
    assert "permission denied for schema plumb" in run.dump("shop_owner").stderr
    with psycopg.connect(server.url("app"), autocommit=True) as session:
        session.execute("grant pg_read_all_data to shop_owner")
    dumped = run.dump("shop_owner")
    assert dumped.returncode == 0, dumped.stderr
    server.ensure_database("whole")

    restored = run.restore("whole", dumped.stdout)

    assert restored.returncode == 0, restored.stderr
    assert rows_of(server, "whole") == (5,)
    with (
        psycopg.connect(server.url("whole"), autocommit=True) as session,
        pytest.raises(psycopg.errors.CheckViolation, match="TOTAL would not hold"),
    ):
        session.execute("update sales.orders set total = 0 where order_id = 1")
