"""A shop that may be deployed to: every gate passes, and time is moved by hand."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from deploy_processes import Command, Service, answering
from deployments import Clock, Watched
from plumbline.cli.__main__ import main


@pytest.fixture
def clock(db) -> Clock:
    return Clock(db)


@pytest.fixture
def report_requests(db) -> Callable[..., None]:
    """Return a function that records a ten-second window that began some seconds ago."""

    def report(count: int, errors: int = 0, p95_ms: float | None = 100, age: float = 5) -> None:
        db.execute(
            "insert into plumb.perf_observations (source, route, request_count, error_count,"
            " p50_ms, p95_ms, p99_ms, window_started_at, window_seconds)"
            " values ('test', '*', %s, %s, %s, %s, %s,"
            " plumb.current_time() - make_interval(secs => %s), 10)",
            [count, errors, *[p95_ms if count else None] * 3, age],
        )

    return report


@pytest.fixture
def prove_backup(db) -> Callable[..., None]:
    """Return a function that records the verdict over a backup of some hours ago."""

    def prove(age_hours: float = 1, status: str = "valid", name: str = "nightly") -> None:
        db.execute(
            "insert into plumb.backup_validations"
            " (backup_name, status, taken_at, started_at, finished_at)"
            " values (%s, %s, plumb.current_time() - make_interval(secs => 3600 * %s),"
            " plumb.current_time(), plumb.current_time())",
            [name, status, age_hours],
        )

    return prove


@pytest.fixture
def deployable(shop, report_requests, prove_backup) -> psycopg.Connection:
    """Yield a database in which every gate but coverage passes."""
    shop.execute("select plumb.check_invariants()")
    report_requests(1000, errors=1)
    prove_backup()
    return shop


@pytest.fixture
def watched(deployable, clock) -> Watched:
    return Watched(deployable, clock)


@pytest.fixture
def open_deployment_incidents(db) -> Callable[[], list[tuple]]:
    """Return a function that lists scope, priority and status of what is open."""
    return lambda: db.execute(
        "select scope, priority, status from plumb.open_incidents"
        " where source = 'deployment' order by scope"
    ).fetchall()


@pytest.fixture
def service(tmp_path) -> Iterator[Service]:
    with answering(Service(tmp_path)) as answered:
        yield answered


@pytest.fixture
def hurried(deployable) -> psycopg.Connection:
    """Yield a database in which a second counts as a minute, with patience for a busy machine."""
    for name, value in (
        ("deploy_sustained_seconds", "1"),
        ("deploy_gap_seconds_max", "5"),
        ("deploy_samples_min", "2"),
        ("deploy_sample_seconds", "0.1"),
    ):
        deployable.execute("select plumb.change_setting(%s, %s)", [name, value])
    return deployable


@pytest.fixture
def environment(hurried, service) -> dict[str, str]:
    return {
        "DATABASE_URL": f"{hurried.info.dsn} password={hurried.info.password}",
        "MONITORING_HEALTH_URL": service.url,
    }


@pytest.fixture
def arguments(service, tmp_path) -> Callable[..., list[str]]:
    """Return a function that makes a command line; keywords replace what is usual."""
    coverage = tmp_path / "coverage.json"
    coverage.write_text('{"totals": {"covered_lines": 9, "num_statements": 10}}')

    def make(**options: str) -> list[str]:
        usual = {
            "name": "v2",
            "apply": service.apply,
            "rollback": service.rollback,
            "watch": "2s",
            "coverage": str(coverage),
        }
        return [part for n, v in (usual | options).items() for part in (f"--{n}", v)]

    return make


@pytest.fixture
def deploy(environment, arguments, tmp_path) -> Iterator[Callable[..., Command]]:
    """Return a function that starts `plumb deploy`, as usual but for some options."""
    started = []

    def start(*flags: str, health_url: str | None = None, **options: str) -> Command:
        changed = {} if health_url is None else {"MONITORING_HEALTH_URL": health_url}
        line = list(flags) or arguments(**options)
        started.append(Command(environment | changed, line, tmp_path))
        return started[-1]

    yield start
    for command in started:
        command.process.kill()
        command.process.wait()


@pytest.fixture
def deploy_here(environment, monkeypatch) -> Callable[[list[str]], int]:
    """Return a function that runs the command in this process and returns its exit code."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(line: list[str]) -> int:
        try:
            return main(["deploy", *line])
        except SystemExit as ended:
            return ended.code

    return run


@pytest.fixture
def history(db) -> Callable[[], list[tuple]]:
    """Return a function that lists name and status of every deployment, oldest first."""
    return lambda: db.execute(
        "select name, status from plumb.deployments order by deployment_id"
    ).fetchall()


@pytest.fixture
def psql(db, monkeypatch) -> str:
    """Return the beginning of a shell command that runs SQL in this test's database."""
    info = db.info
    monkeypatch.setenv("PGPASSWORD", info.password)
    return f"psql -qAt -h {info.host} -p {info.port} -U {info.user} -d {info.dbname}"
