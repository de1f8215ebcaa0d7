"""Servers that a test may kill, copy and promote, which the suite's own cannot be."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from plumbline.cli.audit_verifier import Finding, Verifier
from plumbline.cli.cluster import (
    Cluster,
    free_port,
    make_service_directory,
    service_process_options,
)
from plumbline.cli.scratch import CRON_DATABASE, SETTINGS

# Far more than any of it takes, so that a test fails instead of hanging.
SECONDS_MAX = 60


def connect(cluster: Cluster, database: str, **options: object) -> psycopg.Connection:
    """Open a superuser's session that finds the tables of plumb and of the shop by their names."""
    options.setdefault("autocommit", True)
    path = "-c search_path=public,retail,plumb"
    return psycopg.connect(cluster.url(database), options=path, **options)


def run(*arguments: object) -> str:
    """Run a program as the account that owns the clusters; returns what it printed."""
    result = subprocess.run(
        [str(argument) for argument in arguments],
        **service_process_options(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def kill(cluster: Cluster) -> None:
    """End every process of a server with SIGKILL, its postmaster first: as a crash does.

    Only what was handed to the operating system is left of it. That is what a crash of the server
    leaves; fsync decides what a crash of the machine leaves, so it may be off here.
    """
    processes = sorted(cluster.processes(), key=lambda p: p != cluster.postmaster_id())
    for process_id in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
    wait_until(lambda: not cluster.processes())


def wait_until(holds) -> None:
    """Return once a condition on another process holds.

    Raises:
        AssertionError: It never did.
    """
    until = time.monotonic() + SECONDS_MAX
    while not holds():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.01)


@contextlib.contextmanager
def copy_of(cluster: Cluster, is_standby: bool = False, **settings: str) -> Iterator[Cluster]:
    """Yield a stopped copy of a running server, made by pg_basebackup, and remove it at the end.

    Args:
        cluster: The server to copy.
        is_standby: Whether the copy will follow the server as standby `copy`.
        settings: More lines for the copy's postgresql.conf.
    """
    home = cluster.home.parent / f"copy-{free_port()}"
    make_service_directory(home, 0o755)
    copy = Cluster(home, free_port(), CRON_DATABASE, SETTINGS | settings)
    for directory in (copy.socket_directory, copy.log_directory):
        make_service_directory(directory)
    try:
        follow = ["--write-recovery-conf"] if is_standby else []
        run(
            cluster.programs / "pg_basebackup",
            *("--pgdata", copy.data, "--checkpoint", "fast", "--wal-method", "stream"),
            *("--dbname", cluster.url("postgres") + "&application_name=copy"),
            *follow,
        )
        yield copy
    finally:
        copy.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def has_caught_up(primary: psycopg.Connection, standby: psycopg.Connection) -> None:
    """Return once a standby has replayed all that its primary has written until now."""
    (position,) = primary.execute("select pg_current_wal_flush_lsn()").fetchone()
    query = "select pg_last_wal_replay_lsn() >= %s::pg_lsn"
    wait_until(lambda: standby.execute(query, [position]).fetchone()[0])


def agreed(db: psycopg.Connection) -> list[Finding]:
    """Return the findings of both verifiers, which agree in every column."""
    with db.transaction():
        own = db.execute(
            "select kind, seal, txid::text::bigint, n, relation, expected, found"
            " from verify_audit()"
        )
        by_sql = sorted((Finding(*row) for row in own), key=repr)
        by_python = sorted(Verifier(db).findings(), key=repr)
    assert by_sql == by_python
    return by_sql


def move(source: Path, target: Path) -> None:
    """Put one stopped server's data in the place of another's."""
    run("rm", "-rf", target)
    run("cp", "-a", source, target)
