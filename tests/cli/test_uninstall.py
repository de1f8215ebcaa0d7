"""Uninstalling leaves the application's dump as it was before, and takes nothing of others."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from plumbline.cli.uninstall import detach_table, uninstall
from plumbline.core.cluster import Cluster
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster
from psycopg import errors

APPLICATION = """
    create role app_owner login;
    create extension amcheck;
    create schema sales authorization app_owner;
    set role app_owner;
    create table sales.orders (id integer primary key, total numeric, status text);
    create table sales.lines (id integer primary key, order_id integer, amount numeric)
    partition by range (id);
    create table sales.lines_1 partition of sales.lines for values from (0) to (1000);
    insert into sales.orders select n, n, 'OPEN' from generate_series(1, 20) as n;
    insert into sales.lines select n, n, n from generate_series(1, 20) as n;
    create view sales.wrong_orders as select id as subject from sales.orders where total < 0;
    create function sales.tg_own() returns trigger language plpgsql as 'begin return new; end';
    create trigger own before insert on sales.orders for each row execute function sales.tg_own();
    grant select on sales.orders to public;
    reset role;
    alter database app set search_path = sales, public;
"""
GUARD = """
    select plumb.change_setting('guarded_schemas', 'sales');
    select plumb.audit_table('sales.orders');
    select plumb.audit_table('sales.lines');
    select plumb.declare_invariant('ORDERS', 'sales.wrong_orders', 'P1', 'No total is negative.');
    select plumb.watch_table('ORDERS', 'sales.orders', 'id');
    select plumb.verify();
"""
ROLES = "select count(*) from pg_roles where rolname like 'plumb%' or rolname = 'retail_app'"


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with scratch_cluster() as made:
        for name in ("app", "other"):
            made.ensure_database(name)
        with psycopg.connect(made.url("app"), autocommit=True) as session:
            session.execute(APPLICATION)
        yield made


@pytest.fixture
def dump(server) -> Callable[[], str]:
    def made() -> str:
        program = str(server.programs / "pg_dump")
        url = server.url("app")
        done = subprocess.run(
            [program, "--create", url], capture_output=True, text=True, check=True
        )
        # Each dump has a key of its own.
        return "\n".join(
            line
            for line in done.stdout.splitlines()
            if not line.startswith(("\\restrict", "\\unrestrict"))
        )

    return made


@pytest.fixture
def app(server) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.url("app"), autocommit=True) as session:
        yield session


def test_the_dump_is_what_it_was_and_no_role_is_left(server, app, dump):
    before = dump()
    migrate(server.url("app"), report=lambda _line: None, demo_schema="shop")
    app.execute(GUARD)
    assert dump() != before

    assert uninstall(server.url("app"), lambda _line: None) == 0

    assert dump() == before
    assert app.execute(ROLES).fetchone() == (0,)
    assert app.execute("select count(*) from pg_event_trigger").fetchone() == (0,)


def test_another_database_of_the_server_keeps_its_roles(server, app, dump):
    before = dump()
    for name in ("app", "other"):
        migrate(server.url(name), report=lambda _line: None)
    said = []

    uninstall(server.url("app"), said.append)

    assert dump() == before
    assert any("roles that stay" in line and "plumb_owner" in line for line in said)
    with psycopg.connect(server.url("other"), autocommit=True) as other:
        other.execute("select plumb.verify()")
        assert other.execute("select count(*) from plumb.schema_revision").fetchone() == (1,)
    uninstall(server.url("other"), said.append)
    assert app.execute(ROLES).fetchone() == (0,)


def test_detach_takes_a_table_or_a_schema_out_and_keeps_what_was_recorded(server, app, environment):
    migrate(server.url("app"), report=lambda _line: None)
    app.execute(GUARD)
    app.execute("select plumb.watch_table('ORDERS', 'sales.orders', 'id')")
    app.execute("select plumb.enforce_invariant('ORDERS', 'commit')")
    app.execute("select plumb.seal_audit()")
    own = (
        "select count(*) from pg_trigger"
        " where starts_with(tgname, 'plumb') and tgrelid = %s::regclass"
    )

    def detach(*names: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", "detach", *names],
            env=environment | {"DATABASE_URL": server.url("app")},
            capture_output=True,
            text=True,
            check=False,
        )

    done = detach("sales.orders")
    assert done.returncode == 0, done.stderr
    assert "detached sales.orders" in done.stdout
    assert "ORDERS is checked, and no longer enforced" in done.stdout
    assert app.execute(own, ["sales.orders"]).fetchone() == (0,)
    assert app.execute(own, ["sales.lines"]).fetchone()[0] > 0

    done = detach("sales")
    assert done.returncode == 0, done.stderr
    for table in ("sales.orders", "sales.lines", "sales.lines_1"):
        assert app.execute(own, [table]).fetchone() == (0,)
    assert app.execute("select plumb.guarded_schemas()").fetchone()[0] in (None, [])
    assert app.execute("select count(*) from plumb.audit_log").fetchone()[0] > 0

    nothing = detach("sales.nothing")
    assert nothing.returncode == 2
    assert "sales.nothing" in nothing.stderr
    uninstall(server.url("app"), lambda _line: None)


def test_without_yes_it_only_says_what_it_would_remove(server, app, environment):
    migrate(server.url("app"), report=lambda _line: None)
    app.execute(GUARD)

    def plumb(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", "uninstall", *arguments],
            env=environment | {"DATABASE_URL": server.url("app")},
            capture_output=True,
            text=True,
            check=False,
        )

    told = plumb()
    assert told.returncode == 0, told.stderr
    assert "sales.orders" in told.stdout
    assert "amcheck" not in told.stdout
    assert app.execute("select count(*) from plumb.guarded_tables").fetchone()[0] > 0

    app.execute("create view public.mine as select * from plumb.incidents")
    refused = plumb("--yes")
    assert refused.returncode == 2
    assert "public.mine" in refused.stderr
    app.execute("drop view public.mine")

    done = plumb("--yes")
    assert done.returncode == 0, done.stderr
    assert "detached sales.orders" in done.stdout
    assert plumb("--yes").returncode == 2


def test_a_table_that_somebody_locks_is_waited_for_in_short_steps(server, app, monkeypatch):
    monkeypatch.setattr("plumbline.core.short_locks.TRIES_MAX", 2)
    monkeypatch.setattr("plumbline.core.short_locks.PAUSE_SECONDS", 0.05)
    migrate(server.url("app"), report=lambda _line: None)
    app.execute("select plumb.guard_table('sales.orders')")
    with psycopg.connect(server.url("app")) as holder:
        holder.execute("lock table sales.orders in row exclusive mode")
        with pytest.raises(Exception, match="locked by others all the time"):
            uninstall(server.url("app"), lambda _line: None)
        with psycopg.connect(server.url("app")) as writer:
            writer.execute("set lock_timeout = '100ms'")
            writer.execute("update sales.orders set total = total where id = 1")
            writer.rollback()
    said = []
    with pytest.raises(errors.UndefinedTable):
        assert uninstall(server.url("app"), said.append) == 0
        app.execute("select * from plumb.locks")
    detach_table(app, "sales", "orders", said.append)
