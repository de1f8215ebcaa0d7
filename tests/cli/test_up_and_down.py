"""The whole story as a user tells it: up, again, look, down; and what must not be touched."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from plumbline.cli.manual import JSON_FIELDS


@pytest.fixture(scope="module")
def plumb(environment) -> Iterator[Callable[..., subprocess.CompletedProcess]]:
    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "plumbline.cli", *arguments],
            env=environment | changes,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    yield run
    run("down")


@pytest.fixture(scope="module")
def started(plumb) -> list[subprocess.CompletedProcess]:
    """Return how two `up` ended that were called at the same time."""
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(plumb, "up", "--no-demo") for _ in range(2)]
        return [call.result() for call in calls]


@pytest.fixture(scope="module")
def running(started) -> subprocess.CompletedProcess:
    return started[0]


@pytest.fixture
def service_record(home):
    return home / "run" / "api.json"


def answers(environment, path) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}{path}") as answer:
        return answer.status == 200


def test_up_leaves_a_service_that_is_ready(running, environment):
    assert running.returncode == 0, running.stderr
    assert answers(environment, "/readyz")


def test_of_two_that_are_called_at_once_one_waits_for_the_other(started, home):
    assert [done.returncode for done in started] == [0, 0], [done.stderr for done in started]
    waited = f"another ./plumb up or down works in {home}: waiting for it"
    assert sorted(waited in done.stdout for done in started) == [False, True]
    assert sorted("Creating a cluster" in done.stdout for done in started) == [False, True]


def test_logs_and_records_of_processes_are_not_for_everybody(running, home):
    files = {*home.rglob("*log*"), *(home / "run").iterdir()}
    kept = [path for path in files if path.is_file() and "data" not in path.parts]
    assert {home / "run" / "api.log", home / "run" / "api.json"} <= set(kept)
    assert [path for path in kept if path.stat().st_mode & 0o027] == []


def test_what_an_older_release_left_open_is_closed(running, plumb, home):
    kept = [home / "run" / name for name in ("api.log", "api.json")]
    for path in kept:
        path.chmod(0o644)

    assert plumb("up", "--no-demo", API_TOKEN="another").returncode == 0

    assert [path.stat().st_mode & 0o777 for path in kept] == [0o640, 0o640]


def test_up_ends_its_work_though_nobody_reads_what_it_says(running, plumb, environment):
    plumb("down")
    with subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "up", "--no-demo"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as up:
        up.stdout.readline()
        up.stdout.close()
        said = up.stderr.read()

    assert (up.returncode, said) == (0, "")
    assert answers(environment, "/readyz")


def test_up_again_starts_nothing(running, plumb, home, service_record):
    plumb("up", "--no-demo")
    before = service_record.read_text(), (home / "data" / "postmaster.pid").read_text()

    again = plumb("up", "--no-demo", "--json")

    assert again.returncode == 0, again.stderr
    printed = json.loads(again.stdout)
    assert [*printed] == [*JSON_FIELDS["up"]]
    assert printed["url"].startswith("http://127.0.0.1:")
    assert (service_record.read_text(), (home / "data" / "postmaster.pid").read_text()) == before


def test_nothing_runs_as_root(running, home, service_record):
    for process_id in (
        json.loads(service_record.read_text())["process_id"],
        int((home / "data" / "postmaster.pid").read_text().split("\n", 1)[0]),
    ):
        status = Path(f"/proc/{process_id}/status").read_text()
        assert "\nUid:\t0\t" not in status


def test_psql_gets_every_argument(running, plumb):
    done = plumb("psql", "-At", "-c", "select 1", "-c", "select current_database()")

    assert (done.returncode, done.stdout) == (0, "1\nplumbline\n")


def test_psql_fails_as_psql_fails(running, plumb):
    assert plumb("psql", "-v", "ON_ERROR_STOP=1", "-c", "select 1/0").returncode == 1


def test_status_says_what_runs(running, plumb, environment):
    said = plumb("status")

    assert said.returncode == 0
    for fact in (f"runs on port {environment['PLUMB_DB_PORT']}", "ready", "grade", "invariant"):
        assert fact in said.stdout
    truth = next(line for line in said.stdout.splitlines() if line.startswith("truth "))
    assert truth.split(None, 1)[1] == "Every invariant holds"


def test_status_as_json_says_the_same(running, plumb, environment):
    said = plumb("status", "--json")

    found = json.loads(said.stdout)
    assert (said.returncode, found["exitCode"], found["error"]) == (0, 0, None)
    assert found["cluster"]["port"] == int(environment["PLUMB_DB_PORT"])
    assert found["http"]["isReady"]
    assert found["database"]["health"]["grade"] in "ABCDF"
    assert found["database"]["truth"]["status"] == "holds"
    assert "invariant" in [job["job"] for job in found["database"]["jobs"]]


def test_status_is_1_in_safe_mode_and_2_without_a_database_to_ask(running, plumb):
    engage = "select plumb.engage_safe_mode('a test', 'ops@example.com')"
    release = (
        "update plumb.system_mode set override_token = 'secret';"
        " select plumb.disengage_safe_mode('secret', 'ops@example.com')"
    )
    assert plumb("psql", "-c", engage).returncode == 0

    said = plumb("status")

    assert said.returncode == 1
    assert "ON: a test" in said.stdout
    assert "Safe mode: no writes since" in said.stdout
    assert all(len(line) <= 80 for line in said.stdout.splitlines() if line.startswith(" "))
    assert plumb("psql", "-v", "ON_ERROR_STOP=1", "-c", release).returncode == 0
    assert plumb("status").returncode == 0
    unreachable = plumb("status", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert unreachable.returncode == 2
    assert "could not be asked" in unreachable.stdout


def test_a_killed_service_is_found_and_started_again(running, plumb, environment, service_record):
    os.killpg(json.loads(service_record.read_text())["process_id"], signal.SIGKILL)

    assert plumb("status").returncode == 1
    assert plumb("up", "--no-demo").returncode == 0
    assert answers(environment, "/readyz")


def test_a_service_with_other_settings_is_replaced(running, plumb, service_record):
    before = json.loads(service_record.read_text())["process_id"]

    assert plumb("up", "--no-demo", API_TOKEN="secret").returncode == 0
    assert json.loads(service_record.read_text())["process_id"] != before


def test_a_port_of_somebody_else_is_refused_before_anything_starts(plumb, environment):
    refused = plumb("up", PORT=environment["PLUMB_DB_PORT"])

    assert refused.returncode == 2
    assert f"port {environment['PLUMB_DB_PORT']} is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_down_ends_what_up_started_and_no_stranger(running, plumb, service_record):
    own = json.loads(service_record.read_text())
    with subprocess.Popen(["sleep", "60"]) as stranger:
        service_record.write_text(json.dumps(own | {"process_id": stranger.pid}))
        assert "did not run" in plumb("down").stdout
        assert stranger.poll() is None
        stranger.kill()
    service_record.write_text(json.dumps(own))

    assert "HTTP service stopped" in plumb("down").stdout
    assert plumb("status").returncode == 1


def test_without_a_database_a_command_says_what_to_do(plumb):
    plumb("down")
    refused = plumb("psql")

    assert refused.returncode == 2
    assert "./plumb up" in refused.stderr
