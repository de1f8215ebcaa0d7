"""An existing server is asked before it is touched, and told which line to change."""

import psycopg
import pytest
from plumbline.cli import preflight
from plumbline.core.cluster import Cluster
from plumbline.core.errors import PlumbError
from plumbline.core.host import free_port
from psycopg.conninfo import make_conninfo


def complaint(url: str) -> str:
    with pytest.raises(PlumbError) as refused:
        preflight.check(url, report=lambda _line: None)
    return str(refused.value)


def reports(url: str) -> str:
    said: list[str] = []
    preflight.check(url, report=said.append)
    return "\n".join(said)


def restart_with(cluster: Cluster, *lines: str) -> None:
    cluster.stop()
    with (cluster.data / "postgresql.conf").open("a") as settings:
        settings.write("\n".join([*lines, ""]))
    cluster.start()


def test_a_server_that_has_everything_passes(cluster):
    cluster.ensure_database("plumb_cron_test")

    preflight.check(cluster.url("plumb_cron_test"), report=pytest.fail)


def test_pg_cron_stays_in_the_database_where_it_lives(cluster):
    assert reports(cluster.url("postgres")) == ""


def test_libraries_are_added_to_those_that_are_there_and_nobody_has_to_restart(cluster):
    restart_with(cluster, "shared_preload_libraries = 'auto_explain'")

    said = reports(cluster.url("plumb_cron_test"))

    assert "./plumb scheduler runs the jobs until it is" in said
    assert "shared_preload_libraries = 'auto_explain,pg_cron,pg_stat_statements'" in said
    assert "postgresql.conf for the server's next restart" in said


def test_every_line_is_named_at_once_where_a_restart_is_needed(cluster):
    restart_with(cluster, "cron.use_background_workers = off", "max_worker_processes = 12")

    said = complaint(cluster.url("plumb_cron_test"))

    assert "then restart the server" in said
    assert "cron.use_background_workers = on" in said
    assert "max_worker_processes = 40" in said


def test_too_little_room_for_the_jobs_stops_nothing(cluster):
    restart_with(cluster, "max_worker_processes = 12")
    said = []

    preflight.check(cluster.url("plumb_cron_test"), report=said.append)

    assert len(said) == 1
    assert "it works as it is" in said[0]
    assert "max_worker_processes = 40" in said[0]


def test_a_role_that_may_not_install_is_told_so(cluster):
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as session:
        session.execute("create role clerk login")

    said = complaint(cluster.url("plumb_cron_test", "clerk"))

    assert "role 'clerk' may not create schemas here" in said


def test_nothing_is_changed_by_asking(db):
    before = db.execute("select max(xmin::text::bigint) from pg_class").fetchone()
    reports(db.info.dsn)

    assert db.execute("select max(xmin::text::bigint) from pg_class").fetchone() == before


def test_a_server_that_is_not_there_is_said_in_one_line():
    url = make_conninfo(host="127.0.0.1", port=free_port(), dbname="none", user="nobody")

    said = complaint(url)

    assert said.startswith("cannot connect to DATABASE_URL")
    assert "\n" not in said
