"""`up` on a server that is there already: nothing of it is taken, and no restart is needed."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from plumbline.core.cluster import Cluster
from plumbline.core.scratch import scratch_cluster
from waiting import wait_until

SECONDS_MAX = 30
RUNS = (
    "select count(*) from plumb.job_runs"
    " where job_name = 'seal' and result = 'succeeded' and started_by = 'plumb scheduler'"
)
APPLICATION = """
    create schema retail;
    create table retail.customers (id integer primary key, sales_total text);
    insert into retail.customers values (1, 'own');
    create schema plumb_x;
    create table plumb_x.system_mode (id integer primary key, override_token text);
    create table public.incidents (id integer primary key);
    create table public.audit_log (id integer primary key);
    create table public.jobs (id integer primary key);
    alter database app set search_path = retail, public;
"""
OWN_TABLES = (
    "select n.nspname, count(*) from pg_class as c"
    " inner join pg_namespace as n on n.oid = c.relnamespace"
    " where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')"
    " group by 1 order by 1"
)


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """Yield a server that loads no library, and an application whose names are ours as well."""
    with scratch_cluster(preloaded=()) as made:
        made.ensure_database("app")
        with psycopg.connect(made.url("app"), autocommit=True) as session:
            session.execute(APPLICATION)
        yield made


@pytest.fixture(scope="module")
def plumb(environment, server) -> Iterator[Callable[..., subprocess.CompletedProcess]]:
    def run(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=environment | {"DATABASE_URL": server.url("app")},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    yield run
    run("down")


@pytest.fixture(scope="module")
def running(plumb) -> subprocess.CompletedProcess:
    return plumb("up")


@pytest.fixture
def app(server, running) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.url("app"), autocommit=True) as session:
        yield session


def test_without_pg_cron_a_scheduler_runs_in_the_background(running, app):
    assert running.returncode == 0, running.stderr
    assert "scheduler started" in running.stdout

    wait_until(lambda: app.execute(RUNS).fetchone()[0] > 0, SECONDS_MAX)


def test_what_would_take_a_restart_is_said_and_not_asked_for(running):
    assert "it works as it is" in running.stdout
    assert "shared_preload_libraries = 'pg_cron,pg_stat_statements'" in running.stdout
    assert "cron.database_name" not in running.stdout


def test_status_says_who_runs_the_jobs(running, plumb):
    status = plumb("status")

    assert status.returncode == 0, status.stdout + status.stderr
    assert "jobs run, started by plumb scheduler" in status.stdout


def test_the_first_day_is_quiet_and_it_is_said(running, plumb, app):
    assert "grade F does not engage safe mode" in running.stdout
    assert "grade F does not engage it" in plumb("status").stdout
    health = app.execute("select plumb.describe_health()").fetchone()[0]
    assert health["automaticSafeMode"] is False
    assert health["grade"] != "A"
    reasons = [component["reason"] for component in health["components"]]
    assert any(reason.startswith("nothing is guarded") for reason in reasons)


def test_up_again_starts_no_second_scheduler(running, plumb, home):
    record = home / "run" / "scheduler.json"
    before = record.read_text()

    done = plumb("up")

    assert "scheduler runs" in done.stdout
    assert record.read_text() == before


def test_only_our_schemas_come_and_nothing_of_the_demo(running, app):
    counts = dict(app.execute(OWN_TABLES).fetchall())

    assert counts.pop("plumb") > 0
    assert counts == {"plumb_x": 1, "public": 3, "retail": 1}
    assert app.execute("select count(*) from plumb.invariants").fetchone() == (0,)
    assert app.execute("select count(*) from plumb.audited_tables").fetchone() == (0,)
    assert app.execute("select plumb.setting('guarded_schemas')").fetchone() == ("",)
    assert app.execute("show search_path").fetchone() == ("retail, public",)


def test_a_schema_or_table_of_any_name_can_be_guarded_and_audited(running, app):
    for name in ("retail.customers", "plumb_x.system_mode", "public.incidents", "public.jobs"):
        app.execute("select plumb.guard_table(%s::regclass)", [name])
        app.execute("select plumb.audit_table(%s::regclass)", [name])
    app.execute("update retail.customers set sales_total = 'changed'")
    app.execute("select plumb.engage_safe_mode('a test', 'ops')")
    try:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            app.execute("insert into public.incidents values (1)")
    finally:
        app.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
        app.execute("select plumb.disengage_safe_mode('s3cret', 'ops')")
    app.execute("insert into public.incidents values (1)")
    assert app.execute("select count(*) from plumb_x.system_mode").fetchone() == (0,)
    app.execute("select plumb.run_audit_check()")
    assert app.execute("select count(*) from plumb.open_findings").fetchone() == (0,)
    assert app.execute("select count(*) from plumb.incidents").fetchone() == (0,)


def test_verify_says_that_there_is_no_rule_yet(running, plumb):
    done = plumb("verify", "--json")

    assert done.returncode in (0, 2), done.stderr


def test_the_demo_comes_when_asked_for_into_a_schema_of_any_name(running, plumb, app):
    refused = plumb("demo", "--install")
    assert refused.returncode == 2
    assert "--schema NAME" in refused.stderr
    assert plumb("demo", "--install", "--schema", "Shop").returncode == 2

    done = plumb("demo", "--install", "--schema", "corner_shop")

    assert done.returncode == 0, done.stderr
    assert "shop in schema corner_shop" in done.stdout
    assert app.execute("select plumb.verify() ->> 'driftScore'").fetchone()[0]
    assert app.execute("select count(*) from plumb.invariants").fetchone() == (7,)
    assert app.execute("select count(*) from corner_shop.sales").fetchone()[0] > 0
    assert app.execute("select count(*) from retail.customers").fetchone() == (1,)
    traffic = plumb("demo", "--seconds", "2")
    assert traffic.returncode == 0, traffic.stderr
    broken = plumb("demo", "--break", "NO_NEGATIVE_STOCK")
    assert broken.returncode == 0, broken.stderr
    app.execute("select plumb.verify()")
    assert app.execute(
        "select count(*) from plumb.current_violations where invariant = 'NO_NEGATIVE_STOCK'"
    ).fetchone() == (1,)
    assert plumb("demo", "--repair").returncode == 0


def test_a_later_migration_keeps_the_demo_where_it_is(running, plumb, app):
    done = plumb("migrate")

    assert done.returncode == 0, done.stderr
    assert app.execute("select plumb.demo_schema()").fetchone() == ("corner_shop",)
    assert app.execute("select count(*) from plumb.invariants").fetchone() == (7,)
    assert dict(app.execute(OWN_TABLES).fetchall())["retail"] == 1


def test_down_stops_the_scheduler(running, plumb, app):
    done = plumb("down")

    assert "scheduler stopped" in done.stdout
    sessions = "select count(*) from pg_stat_activity where application_name = 'plumb scheduler'"
    wait_until(lambda: app.execute(sessions).fetchone()[0] == 0, SECONDS_MAX)


def test_a_role_that_is_no_superuser_brings_it_up_as_well(server, environment, plumb):
    plumb("down")
    with psycopg.connect(server.url("postgres"), autocommit=True) as admin:
        admin.execute("create role shop_owner login")
        admin.execute("create database managed owner shop_owner")
    url = server.url("managed", user="shop_owner")

    def managed(*arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=environment | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    done = managed("up")
    try:
        assert done.returncode == 0, done.stderr
        assert "without event triggers: the job catalog" in done.stdout
        assert "scheduler started" in done.stdout
        status = managed("status")
        assert status.returncode == 0, status.stdout + status.stderr
        assert "event triggers: the job catalog" in status.stdout
        with psycopg.connect(url, autocommit=True) as session:
            wait_until(lambda: session.execute(RUNS).fetchone()[0] > 0, SECONDS_MAX)
        assert managed("uninstall", "--yes").returncode == 0
    finally:
        managed("down")
