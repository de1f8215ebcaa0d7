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


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """Yield a server that loads no library, with a database `app`."""
    with scratch_cluster(preloaded=()) as made:
        made.ensure_database("app")
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


def test_up_again_starts_no_second_scheduler(running, plumb, home):
    record = home / "run" / "scheduler.json"
    before = record.read_text()

    done = plumb("up")

    assert "scheduler runs" in done.stdout
    assert record.read_text() == before


def test_down_stops_the_scheduler(running, plumb, app):
    done = plumb("down")

    assert "scheduler stopped" in done.stdout
    sessions = "select count(*) from pg_stat_activity where application_name = 'plumb scheduler'"
    wait_until(lambda: app.execute(sessions).fetchone()[0] == 0, SECONDS_MAX)
