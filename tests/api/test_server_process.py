"""The process: how it starts, refuses to start, serves at once, logs and stops."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from api_processes import free_port, running
from plumbline.api.database import Database
from plumbline.core.revisions import head_revision

LOG_SECONDS_MAX = 5


def start(**environment):
    return subprocess.run(
        [sys.executable, "-m", "plumbline.api"],
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"PORT": "http"}, "PORT is 'http', but it must be a port"),
        ({"PORT": "70000"}, "PORT is '70000', but it must be a port"),
        ({"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES is 'proxy', but it must be addresses"),
        ({"HOST": "0.0.0.0", "API_TOKEN": " "}, "refusing to listen on 0.0.0.0 without API_TOKEN"),
        ({"HOST": "0.0.0.0"}, "refusing to listen on 0.0.0.0 without API_TOKEN"),
        ({"HOST": "::"}, "refusing to listen on :: without API_TOKEN"),
        ({"HOST": "not.a.host.invalid"}, "no address of this machine"),
        ({"HOST": "203.0.113.7", "API_TOKEN": "x"}, "cannot listen on 203.0.113.7"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused_in_words(environment, message):
    done = start(**{"DATABASE_URL": "postgresql://127.0.0.1:1/none"} | environment)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_refused_in_words(service):
    port = service.url.rpartition(":")[2]

    done = start(DATABASE_URL=service.database_url, PORT=port)

    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_it_is_ready_when_the_schema_is_current(service):
    status, _headers, body = service.get("/readyz")

    assert status == 200
    assert json.loads(body) == {"status": "ready", "schemaRevision": head_revision()}


def test_requests_at_once_are_all_answered(service):
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _n: service.get("/system-health")[0], range(120)))

    assert set(answers) == {200}


def test_two_switches_at_once_leave_one_switch_on_record(service, service_db):
    service_db.execute("delete from plumb.system_mode_changes")
    command = (
        "curl -s -X POST URL/system-mode/safe -H 'Content-Type: application/json'"
        """ -d '{"reason":"r","enabledBy":"e"}'"""
    ).replace("URL", service.url)

    both = [subprocess.Popen(["sh", "-c", command], stdout=subprocess.PIPE) for _ in range(2)]

    assert all(json.loads(one.communicate()[0])["safeMode"] for one in both)
    assert service_db.execute("select count(*) from plumb.system_mode_changes").fetchone() == (1,)


def test_a_request_leaves_one_line_in_the_log(service):
    service.get("/incidents?source=a%0Ab")

    lines = []
    deadline = time.monotonic() + LOG_SECONDS_MAX
    # The answer leaves first, its line is written after it.
    while not lines and time.monotonic() < deadline:
        lines = [line for line in service.log.read_text().splitlines() if "a%0Ab" in line]

    assert len(lines) == 1
    assert re.search(
        r'127\.0\.0\.1 "GET /incidents\?source=a%0Ab HTTP/1\.1" 400 \d+ bytes', lines[0]
    )


def test_it_says_which_schema_it_was_built_for(service, service_db):
    expected = "select value from plumb.settings where name = 'expected_schema_revision'"

    assert service_db.execute(expected).fetchone() == (head_revision(),)


def test_a_session_of_a_superuser_has_the_rights_of_the_api_role_only(service):
    database = Database(service.database_url)

    with database._connection() as connection:
        found = connection.execute("select session_user, current_user").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from plumb.incidents")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select override_token from plumb.system_mode")

    assert found == ("postgres", "plumb_api")
    database.close()


def test_it_starts_without_a_database_and_says_that_there_is_none(tmp_path):
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/none"
    with running(nowhere, tmp_path / "log") as service:
        assert service.get("/healthz")[0] == 200
        status, headers, body = service.get("/readyz")

    assert status == 503
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Retry-After"] == "2"
    assert "the database cannot be reached" in json.loads(body)["detail"]
    assert "Connection refused" in json.loads(body)["detail"]


def test_it_comes_back_by_itself_when_the_database_lets_it_in_again(
    service_database, service_db, tmp_path, connect
):
    elsewhere = connect()
    name = service_db.info.dbname
    with running(service_database, tmp_path / "log") as service:
        assert service.get("/readyz")[0] == 200
        elsewhere.execute(f"alter database {name} allow_connections false")
        try:
            elsewhere.execute(
                # Waits until each is gone: one that still lived would answer once more.
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                " where datname = %s and application_name = 'plumb api'",
                [name],
            )
            status, _headers, body = service.get("/system-health")
            assert status == 503
            # The first is said to a session that was still open, the second to a new one.
            assert re.search(
                "terminating connection|not currently accepting", json.loads(body)["detail"]
            )
            assert service.get("/healthz")[0] == 200
        finally:
            elsewhere.execute(f"alter database {name} allow_connections true")
        assert [service.get("/system-health")[0] for _ in range(8)] == [200] * 8


def test_sigterm_ends_it_cleanly_and_the_last_requests_are_on_record(
    service_database, service_db, tmp_path
):
    service_db.execute("delete from plumb.perf_observations")
    with running(service_database, tmp_path / "log") as service:
        service.get("/incidents/4711")
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(timeout=15) == 0

    recorded = service_db.execute(
        "select route, request_count, error_count from plumb.perf_observations"
        " where request_count > 0 order by route"
    ).fetchall()
    # Another service on this database reports its own requests whenever its window ends.
    assert {("*", 1, 0), ("GET /incidents/<incident_id>", 1, 0)} <= set(recorded)
