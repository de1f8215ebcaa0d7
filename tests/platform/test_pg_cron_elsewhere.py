"""A pg_cron that lives in another database keeps what it has, and starts our jobs from there."""

import psycopg
import pytest
from plumbline.core.cron import follow_scheduler, leave_scheduler
from plumbline.core.migrate import migrate
from plumbline.core.scratch import CRON_DATABASE, scratch_cluster
from waiting import wait_until

# pg_cron starts a job when a minute begins.
WAIT_SECONDS = 130
ENTRIES = (
    "select jobname from cron.job where database = %s and command like 'call plumb.%%' order by 1"
)
SUCCEEDED = "select count(*) from plumb.job_runs where job_name = 'seal' and result = 'succeeded'"


def install(url):
    migrate(url, report=lambda _line: None)
    follow_scheduler(url, report=pytest.fail)


@pytest.fixture(scope="module")
def server():
    """Yield a server whose pg_cron runs somebody's job, and two guarded databases beside it."""
    with scratch_cluster() as cluster:
        with psycopg.connect(cluster.url(CRON_DATABASE), autocommit=True) as home:
            home.execute("create extension pg_cron")
            home.execute("create table billing (billed_at timestamptz default now())")
            home.execute(
                "select cron.schedule('billing', '* * * * *', 'insert into billing default values')"
            )
            for name in ("one", "two's"):
                cluster.ensure_database(name)
                install(cluster.url(name.replace("'", "%27")))
        yield cluster


@pytest.fixture
def home(server):
    with psycopg.connect(server.url(CRON_DATABASE), autocommit=True) as session:
        yield session


@pytest.fixture
def one(server):
    with psycopg.connect(server.url("one"), autocommit=True) as session:
        yield session


@pytest.fixture
def two(server):
    with psycopg.connect(server.url("two%27s"), autocommit=True) as session:
        yield session


def test_each_guarded_database_has_entries_of_its_own_beside_those_that_were_there(home):
    foreign = "select jobname from cron.job where command not like '%plumb%'"
    assert home.execute(foreign).fetchall() == [("billing",)]
    assert [name for (name,) in home.execute(ENTRIES, ["one"])] == [
        f"plumb one {position}" for position in (1, 2, 3)
    ]
    assert len(home.execute(ENTRIES, ["two's"]).fetchall()) == 3
    assert home.execute(
        "select distinct username from cron.job where command like 'call plumb.%'"
    ).fetchall() == [("plumb_worker",)]


def test_migrating_again_adds_no_entry(server, home):
    entries = "select jobid, jobname, command from cron.job order by 1"
    before = home.execute(entries).fetchall()

    install(server.url("one"))

    assert home.execute(entries).fetchall() == before


def test_the_guarded_database_knows_who_starts_its_jobs(one):
    assert one.execute("select plumb.setting('cron_database')").fetchone() == (CRON_DATABASE,)
    assert one.execute("select plumb.scheduler_fault()").fetchone() == (None,)
    assert one.execute("select plumb.needs_scheduler()").fetchone() == (False,)
    assert one.execute("select count(*) from plumb.jobs where schedule is null").fetchone() == (0,)


@pytest.mark.cron
def test_all_run_the_jobs_of_both_and_those_of_others(home, one, two):
    billed = home.execute("select count(*) from billing").fetchone()[0]

    for session in (one, two):
        try:
            wait_until(lambda s=session: s.execute(SUCCEEDED).fetchone()[0] > 0, WAIT_SECONDS)
        except AssertionError:
            runs = session.execute("select job_name, result, message from plumb.job_runs")
            started = home.execute(
                "select command, status, return_message from cron.job_run_details"
            )
            pytest.fail(f"no seal: {runs.fetchall()}, {started.fetchall()}")
    wait_until(
        lambda: home.execute("select count(*) from billing").fetchone()[0] > billed, WAIT_SECONDS
    )

    assert one.execute("select distinct started_by from plumb.job_runs").fetchall() == [
        ("pg_cron",)
    ]
    status = one.execute("select plumb.describe_scheduler() ->> 'status'").fetchone()
    assert status == ("running",)


def test_leaving_takes_the_entries_of_that_database_only(server, home):
    assert leave_scheduler(server.url("two%27s")) is None

    assert home.execute(ENTRIES, ["two's"]).fetchall() == []
    left = {name for (name,) in home.execute("select jobname from cron.job")}
    assert left == {"billing", *(f"plumb one {n}" for n in (1, 2, 3)), "plumb one history"}


def test_entries_of_a_database_that_is_gone_go_with_the_next_migration(server, home):
    install(server.url("two%27s"))
    home.execute('drop database "two\'s" with (force)')

    install(server.url("one"))

    assert home.execute(ENTRIES, ["two's"]).fetchall() == []
    assert len(home.execute(ENTRIES, ["one"]).fetchall()) == 3


def test_a_pg_cron_that_moved_away_is_named_in_the_guarded_database(one):
    with one.transaction(force_rollback=True):
        one.execute("select plumb.change_setting('cron_database', 'elsewhere')")

        fault = one.execute("select plumb.scheduler_fault()").fetchone()[0]

    assert fault.startswith(f"pg_cron works for database {CRON_DATABASE} (cron.database_name)")
