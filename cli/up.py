"""Starts every part in the order of their needs; a second call changes nothing."""

import argparse
import importlib.util
import time

from ..core.attached import hold_back, is_unguarded
from ..core.cluster import Cluster, private_cluster
from ..core.config import DATABASE_NAME, Config
from ..core.cron import follow_scheduler
from ..core.demo_schema import WRITTEN_FOR
from ..core.errors import PlumbError
from ..core.home import exclusive
from ..core.host import service_process_options
from ..core.output import say
from ..core.progress import check_progress
from ..core.rows import fetch_row, fetch_value
from ..core.scheduler_process import SchedulerProcess
from ..core.service import Service
from ..core.session import open_session
from ..core.statements import statement
from ..core.told import tell
from . import backup

# How long the first check waits for the service's first report.
FIRST_REPORT_SECONDS_MAX = 3
# How long pg_cron may take to start with the server.
SCHEDULER_SECONDS_MAX = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--no-demo", action="store_true", help="leave the shop empty (private cluster only)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Bring up the cluster, its schema, its jobs and the HTTP service.

    Returns:
        0 when the service answers that it is ready.

    Raises:
        PlumbError: Any step cannot be done; what was done stays and is found again.
    """
    config = Config.from_environment()
    with exclusive(config.home, report=say):
        return _up(config, arguments)


def _up(config: Config, arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    service = Service(config)
    service.check_port()
    guarded_url = config.values["DATABASE_URL"]
    if guarded_url:
        backup.check_key(config)
        _guard_existing(guarded_url)
        fault = _scheduler_fault(guarded_url)
        service_url = guarded_url
    else:
        backup.check_key(config, service_process_options())
        cluster = private_cluster(config)
        guarded_url = _bring_up(cluster, with_demo=not arguments.no_demo)
        fault = repair_scheduler(cluster, guarded_url)
        backup.prepare_private(config, guarded_url)
        service_url = cluster.url(DATABASE_NAME, user="plumb_api")
    if service.ensure(service_url):
        say(f"HTTP service started on {service.url}")
    else:
        say(f"HTTP service runs on {service.url}")
    tell(url=service.url)
    _run_jobs_outside(config, guarded_url)
    _record_address(guarded_url, service.url)
    _check_first_time(guarded_url)
    has_demo = not (config.values["DATABASE_URL"] or arguments.no_demo)
    if fault:
        raise PlumbError(
            f"no job runs: {fault}",
            "Restart the PostgreSQL server, then ./plumb up. Until then ./plumb scheduler runs"
            " the jobs.",
        )
    _tell_what_next(service.url, time.monotonic() - started, has_demo)
    return 0


def _run_jobs_outside(config: Config, url: str) -> None:
    """Run the scheduler in the background where the server runs no jobs or delivers no alerts."""
    scheduler = SchedulerProcess(config)
    with open_session(url, "plumb up", autocommit=True) as connection:
        needs_one = fetch_value(connection, "select plumb.needs_scheduler()")
    if not needs_one:
        scheduler.stop()
    elif scheduler.ensure(url):
        say("scheduler started: it runs what the server cannot run by itself")
    else:
        say("scheduler runs")


def repair_scheduler(cluster: Cluster, url: str) -> str | None:
    """Restart a private cluster whose pg_cron starts no jobs; nothing else brings it back.

    Args:
        cluster: The private cluster.
        url: Its database.

    Returns:
        What is still wrong, or None.
    """
    fault = _scheduler_fault(url)
    if fault:
        say(f"restarting the cluster: {fault}")
        cluster.stop()
        cluster.start()
        fault = _scheduler_fault(url)
    return fault


def _scheduler_fault(url: str) -> str | None:
    # A server that has just started is starting pg_cron as well.
    deadline = time.monotonic() + SCHEDULER_SECONDS_MAX
    with open_session(url, "plumb up", autocommit=True) as connection:
        while True:
            fault: str | None = fetch_value(connection, "select plumb.scheduler_fault()")
            if not fault or time.monotonic() > deadline:
                return fault
            time.sleep(0.1)


def _guard_existing(url: str) -> None:
    from ..core.migrate import migrate
    from . import preflight

    preflight.check(url)
    is_first = is_unguarded(url)
    migrate(url, report=say)
    if is_first:
        hold_back(url, report=say)
    follow_scheduler(url, report=say)
    with open_session(url, "plumb up", autocommit=True) as connection:
        count, unguarded = fetch_row(
            connection,
            statement(__package__, "count_unguarded"),
        )
    if count:
        say(
            f"{count} tables in {unguarded} do not obey safe mode yet:"
            " ./plumb attach proposes how to guard them"
        )


def _bring_up(cluster: Cluster, with_demo: bool) -> str:
    from ..core.migrate import migrate

    if not cluster.exists:
        say(f"Creating a cluster in {cluster.home}")
        cluster.create()
    if cluster.is_running():
        say(f"cluster runs on port {cluster.port}")
    else:
        cluster.start()
        say(f"cluster started on port {cluster.port}")
    cluster.ensure_database(DATABASE_NAME)
    url = cluster.url(DATABASE_NAME)
    migrate(url, report=say, has_guide_names=True, demo_schema=WRITTEN_FOR)
    if with_demo and importlib.util.find_spec("plumbline.cli.demo"):
        from . import demo

        loaded = demo.load_shop(url)
        if loaded:
            say(f"shop loaded: {loaded}")
    return url


def _record_address(url: str, service_url: str) -> None:
    """Let alerts link to the service, unless it can only be reached by another address."""
    with open_session(url, "plumb up", autocommit=True) as connection:
        connection.execute(
            "select plumb.change_setting("
            "'service_url', case when plumb.is_safe_url(%s) then %s else '' end)",
            [service_url, service_url],
        )


def _check_first_time(url: str) -> None:
    """Run the first round at once: until then everything is unknown."""
    with open_session(url, "plumb up", autocommit=True) as connection:
        if connection.execute("select 1 from plumb.health_scores limit 1").fetchone():
            return
        say("Checking every invariant for the first time")
        # The service reports its first traffic at once, and the score should know of it.
        deadline = time.monotonic() + FIRST_REPORT_SECONDS_MAX
        while (
            time.monotonic() < deadline
            and not connection.execute("select 1 from plumb.perf_observations limit 1").fetchone()
        ):
            time.sleep(0.1)
        with check_progress(connection):
            health = fetch_value(connection, "select plumb.verify() -> 'health'")
        say(f"health {health['score']:.0f} ({health['grade']})")


def _tell_what_next(service_url: str, seconds: float, has_demo: bool) -> None:
    demo = "demo --break NO_NEGATIVE_STOCK          break a rule, and watch it being found"
    guard = "psql -c 'select * from plumb.guarded'   what obeys safe mode, and who watches it"
    say(
        f"""
Plumbline guards (up in {seconds:.1f} s). Try next:
  ./plumb status                                  what runs, and how healthy it is
  ./plumb psql -c 'select * from plumb.invariant_status'
  curl {service_url}/system-health
  ./plumb {demo if has_demo else guard}
  ./plumb down                                    stop it all; nothing is lost"""
    )
