"""Real pg_cron: it lives in one database per cluster, so these tests share that one."""

import time

import psycopg
import pytest
from plumbline.cli import up
from plumbline.core.migrate import migrate
from plumbline.core.scratch import scratch_cluster
from psycopg import sql
from psycopg.conninfo import make_conninfo
from waiting import wait_until

# pg_cron starts a job when a minute begins, and the second run proves the first was no luck.
WAIT_SECONDS = 130


@pytest.fixture(scope="module")
def cron_db(cluster_url):
    """Yield a superuser's session on a fresh installation in pg_cron's own database."""
    with psycopg.connect(cluster_url, autocommit=True) as server:
        name = server.execute("show cron.database_name").fetchone()[0]
        if not server.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    url = make_conninfo(cluster_url, dbname=name)
    with psycopg.connect(url, autocommit=True) as session:
        # Dropping the whole database would end pg_cron's scheduler for good.
        session.execute("drop extension if exists pg_cron")
        session.execute("drop schema if exists plumb, retail cascade")
        migrate(url, report=lambda _line: None, demo_schema="retail")
        yield session
        session.execute("drop extension pg_cron")


def jobs(session):
    return dict(
        session.execute("select jobname, schedule from cron.job where jobname like 'plumb %'")
    )


def test_a_migration_schedules_every_job_as_the_worker(cron_db):
    # pg_cron before 1.5 knows no seconds: there a job of less than a minute repeats itself.
    listed = cron_db.execute(
        "select j.job_name, case"
        "     when plumb.setting_number(j.interval_setting) < 60000 and j.schedule = '* * * * *'"
        "     then 'repeat_job' else 'run_job' end"
        " from plumb.jobs as j"
    ).fetchall()
    scheduled = cron_db.execute(
        "select jobname, command, username, database = current_database(), active from cron.job"
    ).fetchall()

    assert sorted(scheduled) == sorted(
        (f"plumb {name}", f"call plumb.{procedure}('{name}')", "plumb_worker", True, True)
        for name, procedure in listed
    )
    assert jobs(cron_db)["plumb health"] == "*/5 * * * *"


def test_migrating_again_schedules_nothing_twice(cron_db):
    before = cron_db.execute("select * from cron.job order by jobid").fetchall()

    migrate(cron_db.info.dsn, report=lambda _line: None, demo_schema="retail")

    assert cron_db.execute("select * from cron.job order by jobid").fetchall() == before


def test_a_changed_interval_moves_the_job(cron_db):
    cron_db.execute("select plumb.change_setting('prune_interval_ms', '1800000')")

    assert jobs(cron_db)["plumb prune"] == "*/30 * * * *"
    assert cron_db.execute(
        "select schedule from plumb.cron_status where job_name = 'prune'"
    ).fetchone() == ("*/30 * * * *",)


def test_a_disabled_job_is_inactive_in_pg_cron(cron_db):
    cron_db.execute("select plumb.enable_job('prune', false)")

    assert cron_db.execute(
        "select active from cron.job where jobname = 'plumb prune'"
    ).fetchone() == (False,)


def test_an_interval_of_seconds_runs_in_seconds_or_repeats_within_the_minute(cron_db):
    cron_db.execute("select plumb.change_setting('prune_interval_ms', '15000')")

    assert cron_db.execute(
        "select schedule, command from cron.job where jobname = 'plumb prune'"
    ).fetchone() in (
        ("15 seconds", "call plumb.run_job('prune')"),
        ("* * * * *", "call plumb.repeat_job('prune')"),
    )


def test_seconds_are_used_from_version_1_5_on(cron_db):
    cron_db.execute("select plumb.change_setting('prune_interval_ms', '15000')")
    schedules = {}
    with cron_db.transaction(force_rollback=True):
        # The real one would refuse the grammar of a version that is not installed.
        cron_db.execute(
            "create or replace function plumb.put_on_cron(p_name text, p_schedule text,"
            " p_command text, p_is_active boolean) returns void language sql volatile as 'select'"
        )
        for version in ("1.4-1", "1.5", "1.6", "1.10", "2.0"):
            cron_db.execute(
                "update pg_extension set extversion = %s where extname = 'pg_cron'", [version]
            )
            schedules[version] = cron_db.execute("select plumb.schedule_job('prune')").fetchone()[0]

    assert schedules == {
        "1.4-1": "* * * * *",
        "1.5": "15 seconds",
        "1.6": "15 seconds",
        "1.10": "15 seconds",
        "2.0": "15 seconds",
    }


def test_nobody_schedules_a_command_of_his_own(cron_db):
    with pytest.raises(psycopg.Error, match="not a job of Plumbline") as error:
        cron_db.execute("select plumb.put_on_cron('plumb x', '* * * * *', 'drop table x', true)")
    assert error.value.sqlstate == "PL002"


def test_jobs_follow_a_database_that_was_renamed_or_copied(cron_db):
    cron_db.execute("update cron.job set database = 'as_it_was' where jobname like 'plumb %'")

    migrate(cron_db.info.dsn, report=lambda _line: None, demo_schema="retail")

    assert cron_db.execute(
        "select distinct database from cron.job where jobname like 'plumb %'"
    ).fetchall() == [(cron_db.info.dbname,)]


@pytest.mark.cron
def test_a_job_follows_the_schedule_that_a_migration_gives_it(cron_db, monkeypatch):
    runs = "select count(*) from plumb.job_runs where job_name = %s and started_at > %s"

    def wait_for_run(name, moment):
        def has_run():
            return cron_db.execute(runs, [name, moment]).fetchone()[0] > 0

        wait_until(has_run, WAIT_SECONDS)

    def migrate_at_interval(milliseconds):
        monkeypatch.setenv("SECURITY_INTERVAL_MS", str(milliseconds))
        migrate(cron_db.info.dsn, report=lambda _line: None, demo_schema="retail")
        return cron_db.execute("select clock_timestamp()").fetchone()[0]

    wait_for_run("security", migrate_at_interval(60_000))

    moment = migrate_at_interval(86_400_000)
    # The next minute begins, as another job of every minute shows.
    cron_db.execute("select plumb.change_setting('watchdog_interval_ms', '60000')")
    wait_for_run("watchdog", moment)
    # Jobs of the same minute begin together, one after the other.
    time.sleep(1)

    assert cron_db.execute(runs, ["security", moment]).fetchone() == (0,)


def test_a_scheduler_that_is_gone_is_named_and_mended_by_up():
    fault = "select plumb.scheduler_fault()"
    with scratch_cluster() as cluster:
        name = "postgres"
        with psycopg.connect(cluster.url(name), autocommit=True) as session:
            name = session.execute("show cron.database_name").fetchone()[0]
        cluster.ensure_database(name)
        url = cluster.url(name)
        migrate(url, report=lambda _line: None, demo_schema="retail")
        with psycopg.connect(url, autocommit=True) as session:
            wait_until(lambda: session.execute(fault).fetchone() == (None,), 10)
            session.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where backend_type = 'pg_cron launcher'"
            )
            wait_until(lambda: session.execute(fault).fetchone() != (None,), 10)
            # A job that it started a moment before proves that it lived then.
            told = "select plumb.describe_scheduler()::text"
            wait_until(lambda: "launcher" in session.execute(told).fetchone()[0], 20)

        assert up.repair_scheduler(cluster, url) is None

        with psycopg.connect(url, autocommit=True) as session:
            assert session.execute(fault).fetchone() == (None,)


@pytest.mark.cron
def test_a_violation_becomes_an_incident_with_nobody_calling_anything(cron_db):
    for name in ("invariant", "health", "watchdog"):
        cron_db.execute("select plumb.change_setting(%s, '60000')", [f"{name}_interval_ms"])
    cron_db.execute("insert into retail.products (sku, name) values ('NAIL', 'Nails')")
    cron_db.execute("insert into retail.stock (product_id, quantity) values (1, -1)")
    deadline = time.monotonic() + WAIT_SECONDS

    def happened():
        return cron_db.execute(
            "select exists (select from plumb.open_incidents where scope = 'NO_NEGATIVE_STOCK')"
            " and (select count(distinct job_name) = 3 from plumb.job_runs"
            " where job_name in ('invariant', 'health', 'watchdog') and result = 'succeeded')"
        ).fetchone()[0]

    while not happened() and time.monotonic() < deadline:
        time.sleep(1)

    runs = cron_db.execute("select job_name, result, message from plumb.job_runs").fetchall()
    assert happened(), runs
    assert {result for _name, result, _message in runs} <= {"succeeded", "running"}
    assert cron_db.execute(
        "select distinct status from plumb.cron_status"
        " where job_name in ('invariant', 'health', 'watchdog')"
    ).fetchall() == [("ok",)]


@pytest.mark.cron
@pytest.mark.slow
def test_a_long_job_of_others_keeps_no_seal_waiting(cron_db):
    # pg_cron before 1.5 starts nothing until whatever runs has ended.
    sleep = "select pg_sleep(150)"
    sleepers = "select count(*) from pg_stat_activity where query = %s and backend_type = 'pg_cron'"
    cron_db.execute("select cron.schedule('a long one', '* * * * *', %s)", [sleep])
    wait_until(lambda: cron_db.execute(sleepers, [sleep]).fetchone() == (1,), WAIT_SECONDS)
    cron_db.execute("select cron.unschedule('a long one')")
    began = time.monotonic()
    wait_until(lambda: cron_db.execute(sleepers, [sleep]).fetchone() == (0,), 200)
    lasted = time.monotonic() - began

    waits = cron_db.execute(
        "select extract(epoch from r.started_at - lag(r.started_at) over (order by r.job_run_id))"
        " from plumb.job_runs as r where r.job_name = 'seal'"
        " and r.started_at > clock_timestamp() - make_interval(secs => %s)",
        [lasted - 10],
    ).fetchall()
    assert max(seconds for (seconds,) in waits if seconds is not None) < 20
    assert len(waits) > 15
