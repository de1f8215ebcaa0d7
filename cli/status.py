"""Says what runs, where, and how healthy it is; what cannot be told is said to be unknown."""

import argparse
from collections.abc import Iterator
from typing import Any

import psycopg

from ..core.cluster import private_cluster
from ..core.config import DATABASE_NAME, Config
from ..core.explain import first_line
from ..core.service import Service, ask
from ..core.statements import statement

CONNECT_SECONDS_MAX = 5


def run(_arguments: argparse.Namespace) -> int:
    """Print one line for each part.

    Returns:
        0 when the database and the HTTP service answer, 1 otherwise.
    """
    config = Config.from_environment()
    url = config.values["DATABASE_URL"]
    if url:
        print(f"{'database':<12} DATABASE_URL")
    else:
        cluster = private_cluster(config)
        state = f"runs on port {cluster.port}" if cluster.is_running() else "does not run"
        print(f"{'cluster':<12} {state if cluster.exists else 'not created yet'} ({config.home})")
        if cluster.is_running():
            url = cluster.url(DATABASE_NAME)
            print(f"{'database':<12} {url}")
    is_served = _print_service(Service(config))
    is_reached = bool(url) and _print_database(url)
    return 0 if is_served and is_reached else 1


def _print_service(service: Service) -> bool:
    process = service.running()
    if process is None:
        print(f"{'HTTP':<12} does not run")
        return False
    is_ready, answer = ask(f"{process.url}/readyz")
    print(f"{'HTTP':<12} {process.url} {'ready' if is_ready else f'NOT READY: {answer}'}")
    return is_ready


def _print_database(url: str) -> bool:
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS_MAX,
            application_name="plumb status",
        )
    except psycopg.Error as error:
        reason = first_line(error)
        print(f"{'database':<12} cannot be reached: {reason}")
        return False
    with connection:
        for name, sentence in _facts(connection):
            print(f"{name:<12} {sentence}")
    return True


def _facts(connection: psycopg.Connection) -> Iterator[tuple[str, str]]:
    revisions = _query(connection, "select version_num from plumb.schema_revision")
    yield "schema", f"revision {revisions[0][0]}" if revisions else "not installed: ./plumb migrate"
    scores = _query(
        connection,
        statement(__package__, "newest_score"),
    )
    yield "health", scores[0][0] if scores else "unknown: not scored yet"
    modes = _query(
        connection,
        statement(__package__, "mode"),
    )
    yield "safe mode", modes[0][0] if modes else "unknown"
    schedulers = _query(
        connection,
        statement(__package__, "scheduler"),
    )
    yield "scheduler", schedulers[0][0] if schedulers else "unknown"
    counts = _query(connection, "select count(*) from plumb.open_incidents")
    yield "incidents", f"{counts[0][0]} open" if counts else "unknown"
    jobs = _query(
        connection,
        statement(__package__, "job_lines"),
    )
    for position, (sentence,) in enumerate(jobs or [("unknown",)]):
        yield "" if position else "jobs", sentence


def _query(connection: psycopg.Connection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows, or none where this database does not have what is asked for."""
    try:
        return connection.execute(query).fetchall()
    except psycopg.errors.SyntaxErrorOrAccessRuleViolation:
        return []
