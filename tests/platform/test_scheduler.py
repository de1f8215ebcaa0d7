"""Without pg_cron `./plumb scheduler` runs the jobs, by the schedule in our own table."""

import os
import subprocess
import sys

import psycopg
import pytest
from waiting import wait_until

SECONDS_MAX = 30


@pytest.fixture
def environment(db):
    info = db.info
    url = f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"
    return {**os.environ, "DATABASE_URL": url}


@pytest.fixture
def command():
    return [sys.executable, "-m", "plumbline.cli", "scheduler"]


def test_once_runs_what_is_due_and_says_who_ran_it(db, command, environment):
    done = subprocess.run(
        [*command, "--once"], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    started = db.execute(
        "select count(*), array_agg(distinct r.started_by), array_agg(distinct r.result)"
        " from plumb.job_runs as r"
    ).fetchone()
    declared = db.execute("select count(*) from plumb.jobs where is_enabled").fetchone()[0]
    assert started == (declared, ["plumb scheduler"], ["succeeded"])


def test_it_runs_until_it_is_ended_and_the_health_report_names_it(db, command, environment):
    db.execute("select plumb.change_setting('seal_interval_ms', '1000')")
    seals = "select count(*) from plumb.job_runs where job_name = 'seal' and result = 'succeeded'"
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            wait_until(lambda: db.execute(seals).fetchone()[0] >= 3, SECONDS_MAX)
            scheduler = db.execute("select plumb.describe_scheduler()").fetchone()[0]
        finally:
            process.terminate()

    assert scheduler["status"] == "running"
    assert scheduler["startedBy"] == "plumb scheduler"
    assert scheduler["reason"].startswith("jobs run")


def test_a_job_that_takes_long_delays_no_other(db, command, environment, declare_long):
    declare_long()
    long = "select result from plumb.job_runs where job_name = 'long'"
    seals = "select count(*) from plumb.job_runs where job_name = 'seal' and result = 'succeeded'"
    with psycopg.connect(db.info.dsn) as holder:
        holder.execute("lock table public.held")
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            try:
                wait_until(lambda: db.execute(long).fetchone() == ("running",), SECONDS_MAX)
                db.execute("select plumb.change_setting('seal_interval_ms', '1000')")
                sealed = db.execute(seals).fetchone()[0]
                wait_until(lambda: db.execute(seals).fetchone()[0] >= sealed + 2, SECONDS_MAX)
                assert db.execute(long).fetchone() == ("running",)
            finally:
                holder.rollback()
                process.terminate()


@pytest.fixture
def declare_long(db):
    """Return a function that declares a job which waits for a table, before all others."""

    def declare():
        db.execute("create table public.held ()")
        db.execute("grant select on public.held to plumb_worker")
        db.execute("select plumb.declare_setting('test_interval_ms', '600000', 'ms', 'for tests')")
        db.execute(
            "select plumb.declare_job('long', '''x'' from public.held', 'test_interval_ms', 3600,"
            " 'for tests')"
        )

    return declare


def test_what_a_call_may_take_is_limited_by_the_timeouts_of_the_jobs(db):
    db.execute("call plumb.run_due_jobs(60)")

    assert db.execute(
        "select max(j.timeout_seconds), count(*) from plumb.job_runs as r"
        " inner join plumb.jobs as j on j.job_name = r.job_name"
    ).fetchone() == (
        60,
        db.execute("select count(*) from plumb.jobs where timeout_seconds <= 60").fetchone()[0],
    )


def test_a_daily_job_keeps_its_hour(db, at):
    db.execute("update plumb.jobs set is_enabled = job_name = 'deep-scan'")
    runs = "select count(*) from plumb.job_runs"
    counts = []
    # The clock begins at noon: the first run is at once, the second at 03:00 UTC.
    for offset in ("0", "14 hours 59 minutes", "15 hours", "38 hours 59 minutes", "39 hours"):
        at(offset)
        db.execute("call plumb.run_due_jobs()")
        counts.append(db.execute(runs).fetchone()[0])

    assert counts == [1, 1, 2, 2, 3]


def test_a_database_without_jobs_is_named(cluster_url, command):
    done = subprocess.run(
        [*command, "--once"],
        env={**os.environ, "DATABASE_URL": cluster_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "has no jobs of Plumbline" in done.stderr
